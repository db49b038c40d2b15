// The page in Go: net/http/fcgi, a pooled client, html/template.
//
// usage: responder SOCKET TEMPLATE CONNECTIONS; TOKEN_VAULT_URL, TOKEN_VAULT_RESOURCE, IDENTITY_ENDPOINT and
// IDENTITY_HEADER are in the environment, as for token-page. The access token is fetched once, at the start.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"
)

type page struct {
	Token, Principal, IdentityTime, VaultTime, Expiry string
}

type vaultAnswer struct {
	Value struct {
		AccessToken string
	}
}

type identityAnswer struct {
	AccessToken string `json:"access_token"`
	ExpiresOn   string `json:"expires_on"`
	ClientID    string `json:"client_id"`
}

type responder struct {
	client   *http.Client
	vaultURL string
	bearer   string
	template *template.Template
	blank    page
	buffers  sync.Pool
}

func newClient(connections int) *http.Client {
	// The standard pool keeps two idle connections a host; this one keeps as many as there are browsers.
	return &http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			MaxIdleConns:        0,
			MaxIdleConnsPerHost: connections,
			IdleConnTimeout:     time.Minute,
			DisableCompression:  true,
		},
	}
}

func (r *responder) fetchAccessToken() error {
	query := url.Values{"resource": {os.Getenv("TOKEN_VAULT_RESOURCE")}, "api-version": {"2019-08-01"}}
	request, err := http.NewRequest("GET", os.Getenv("IDENTITY_ENDPOINT")+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("X-IDENTITY-HEADER", os.Getenv("IDENTITY_HEADER"))
	start := time.Now()
	response, err := r.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer identityAnswer
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(answer.ExpiresOn, 10, 64)
	if err != nil {
		return err
	}
	r.bearer = "Bearer " + answer.AccessToken
	r.blank.IdentityTime = milliseconds(time.Since(start))
	r.blank.Expiry = time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04:05 UTC")
	r.blank.Principal = fmt.Sprintf(
		"IsAuthenticated:True Type:App AppId:%s TenantId:%s", answer.ClientID, answer.ClientID)
	return nil
}

func milliseconds(duration time.Duration) string {
	return strconv.FormatFloat(float64(duration.Microseconds())/1000, 'f', 1, 64) + " ms"
}

func (r *responder) vaultToken(request *http.Request) (string, error) {
	call, err := http.NewRequestWithContext(request.Context(), "POST", r.vaultURL, http.NoBody)
	if err != nil {
		return "", err
	}
	call.Header.Set("Authorization", r.bearer)
	call.Header.Set("Accept", "application/json")
	response, err := r.client.Do(call)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	var answer vaultAnswer
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK || answer.Value.AccessToken == "" {
		return "", errors.New("no token")
	}
	return answer.Value.AccessToken, nil
}

func (r *responder) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	page := r.blank
	start := time.Now()
	token, err := r.vaultToken(request)
	if err != nil {
		http.Error(writer, "Something went wrong.", http.StatusBadGateway)
		return
	}
	page.Token = token
	page.VaultTime = milliseconds(time.Since(start))
	buffer := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(buffer)
	buffer.Reset()
	if err := r.template.Execute(buffer, page); err != nil {
		http.Error(writer, "Something went wrong.", http.StatusInternalServerError)
		return
	}
	header := writer.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(buffer.Len()))
	header.Set("Vary", "Accept")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "+
		"form-action 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	writer.Write(buffer.Bytes())
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: responder SOCKET TEMPLATE CONNECTIONS")
	}
	connections, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	parsed, err := template.ParseFiles(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	responder := &responder{
		client:   newClient(connections),
		vaultURL: os.Getenv("TOKEN_VAULT_URL"),
		template: parsed,
		buffers:  sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
	if err := responder.fetchAccessToken(); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(fcgi.Serve(listener, responder))
}
