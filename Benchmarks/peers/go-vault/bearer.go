package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"
)

type principal struct {
	tenant, object string
}

// verifier has the keys of the issuer, which it asked for once.
type verifier struct {
	issuer, audience string
	keys             map[string]*rsa.PublicKey
}

type claims struct {
	Issuer    string  `json:"iss"`
	Audience  string  `json:"aud"`
	Expires   float64 `json:"exp"`
	NotBefore float64 `json:"nbf"`
	Tenant    string  `json:"tid"`
	Object    string  `json:"oid"`
	Client    string  `json:"appid"`
}

const clockSkew = 60

func newVerifier(issuer, audience string) (*verifier, error) {
	var configuration struct {
		KeysURL string `json:"jwks_uri"`
	}
	if err := fetch(strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &configuration); err != nil {
		return nil, err
	}
	var set struct {
		Keys []struct {
			ID       string `json:"kid"`
			Modulus  string `json:"n"`
			Exponent string `json:"e"`
		} `json:"keys"`
	}
	if err := fetch(configuration.KeysURL, &set); err != nil {
		return nil, err
	}
	keys := map[string]*rsa.PublicKey{}
	for _, key := range set.Keys {
		modulus, err := base64.RawURLEncoding.DecodeString(key.Modulus)
		if err != nil {
			return nil, err
		}
		exponent, err := base64.RawURLEncoding.DecodeString(key.Exponent)
		if err != nil {
			return nil, err
		}
		keys[key.ID] = &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64())}
	}
	return &verifier{issuer: issuer, audience: audience, keys: keys}, nil
}

func fetch(url string, into any) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// principal verifies an RS256 access token and says whose it is.
func (v *verifier) principal(authorization string, now time.Time) (principal, error) {
	none := principal{}
	if !strings.HasPrefix(authorization, "Bearer ") {
		return none, errors.New("no bearer token")
	}
	token := authorization[len("Bearer "):]
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return none, errors.New("malformed token")
	}
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	if err := decode(parts[0], &header); err != nil || header.Algorithm != "RS256" {
		return none, errors.New("unknown algorithm")
	}
	key := v.keys[header.KeyID]
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if key == nil || err != nil {
		return none, errors.New("unknown key")
	}
	digest := sha256.Sum256([]byte(token[:len(parts[0])+1+len(parts[1])]))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) != nil {
		return none, errors.New("wrong signature")
	}
	var c claims
	if err := decode(parts[1], &c); err != nil {
		return none, errors.New("malformed claims")
	}
	seconds := float64(now.Unix())
	if c.Issuer != v.issuer || c.Audience != v.audience || c.Client == "" || c.Tenant == "" || c.Object == "" ||
		seconds >= c.Expires+clockSkew || seconds < c.NotBefore-clockSkew {
		return none, errors.New("not for this vault, or not now")
	}
	return principal{tenant: c.Tenant, object: c.Object}, nil
}

func decode(part string, into any) error {
	bytes, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(bytes, into)
}
