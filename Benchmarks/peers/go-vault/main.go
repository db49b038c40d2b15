// A token vault as one would write it in Go, for the benchmark: who calls, may they, the token, and a row of the audit that is on
// the disk before the answer.
package main

import (
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"strconv"
)

func main() {
	if len(os.Args) == 7 && os.Args[1] == "fill" {
		count, err := strconv.Atoi(os.Args[6])
		check(err)
		check(fill(os.Args[2], os.Args[3], os.Args[4], os.Args[5], count))
		return
	}
	if len(os.Args) != 7 || (os.Args[1] != "http" && os.Args[1] != "fcgi") {
		log.Fatal("usage: vault http|fcgi DATABASE KEY SOCKET ISSUER AUDIENCE\n" +
			"       vault fill DATABASE KEY TENANT OBJECT TOKENS")
	}
	keys, err := readKeys(os.Args[3])
	check(err)
	store, err := open(os.Args[2])
	check(err)
	verifier, err := newVerifier(os.Args[5], os.Args[6])
	check(err)
	audit, err := startAudit(os.Args[2], keys.audit)
	check(err)
	handler := &handler{store: store, keys: keys, verifier: verifier, audit: audit}
	listener, err := net.Listen("unix", os.Args[4])
	check(err)
	if os.Args[1] == "fcgi" {
		log.Fatal(fcgi.Serve(listener, handler))
	}
	log.Fatal(http.Serve(listener, handler))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
