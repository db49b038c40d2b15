package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

type handler struct {
	store    *store
	keys     *keys
	verifier *verifier
	audit    *audit
}

type value struct {
	AccessToken string
}

type answer struct {
	ExpiresIn  int64
	Parameters map[string]string
	Value      value
}

// ServeHTTP answers POST /services/SERVICE/tokens/TOKEN.
func (h *handler) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	parts := strings.Split(request.URL.Path, "/")
	if request.Method != http.MethodPost || len(parts) != 5 || parts[1] != "services" || parts[3] != "tokens" {
		http.Error(writer, "not found", http.StatusNotFound)
		return
	}
	caller, err := h.verifier.principal(request.Header.Get("Authorization"), time.Now())
	if err != nil {
		http.Error(writer, err.Error(), http.StatusUnauthorized)
		return
	}
	row := entry{
		at: time.Now().Unix(), tenant: caller.tenant, object: caller.object, action: "postToken",
		service: parts[2], token: parts[4], outcome: "forbidden", request: request.Header.Get("X-Request-Id"),
	}
	status, message := http.StatusForbidden, "not allowed"
	var accessToken string
	var found storedToken
	allowed, err := h.store.mayRead(caller, row.service, row.token)
	if err == nil && allowed {
		found, err = h.store.token(row.service, row.token)
		if err == nil {
			accessToken, err = h.keys.openToken(found)
		}
		if err == nil {
			row.outcome, row.detail, status = "given", h.keys.fingerprint(accessToken), http.StatusOK
		}
	}
	if err != nil {
		row.outcome, status, message = "notFound", http.StatusNotFound, "no such token"
	}
	if err := h.audit.append(row); err != nil {
		http.Error(writer, "the audit cannot be written", http.StatusServiceUnavailable)
		return
	}
	if status != http.StatusOK {
		http.Error(writer, message, status)
		return
	}
	body, err := json.Marshal(answer{
		ExpiresIn:  found.expiresOn - time.Now().Unix(),
		Parameters: map[string]string{},
		Value:      value{AccessToken: accessToken},
	})
	if err != nil {
		http.Error(writer, "no answer", http.StatusInternalServerError)
		return
	}
	header := writer.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	writer.Write(body)
}
