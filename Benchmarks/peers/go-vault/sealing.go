package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
)

type keys struct {
	sealing cipher.AEAD
	audit   []byte
}

func makeKeys(path string) error {
	bytes := make([]byte, 64)
	if _, err := rand.Read(bytes); err != nil {
		return err
	}
	return os.WriteFile(path, bytes, 0o600)
}

func readKeys(path string) (*keys, error) {
	bytes, err := os.ReadFile(path)
	if err != nil || len(bytes) != 64 {
		return nil, fmt.Errorf("%s holds no keys: %v", path, err)
	}
	block, err := aes.NewCipher(bytes[:32])
	if err != nil {
		return nil, err
	}
	sealing, err := cipher.NewGCM(block)
	return &keys{sealing: sealing, audit: bytes[32:]}, err
}

func place(token storedToken) []byte {
	return []byte(fmt.Sprintf("%d:%s|%d:%s|%d|%d",
		len(token.service), token.service, len(token.name), token.name, token.version, token.expiresOn))
}

func (k *keys) sealToken(token storedToken, text string) []byte {
	nonce := make([]byte, k.sealing.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		panic(err)
	}
	return k.sealing.Seal(nonce, nonce, []byte(text), place(token))
}

func (k *keys) openToken(token storedToken) (string, error) {
	size := k.sealing.NonceSize()
	if len(token.sealed) < size {
		return "", fmt.Errorf("the token is damaged")
	}
	text, err := k.sealing.Open(nil, token.sealed[:size], token.sealed[size:], place(token))
	return string(text), err
}

func (k *keys) fingerprint(accessToken string) string {
	mac := hmac.New(sha256.New, k.audit)
	mac.Write([]byte(accessToken))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
