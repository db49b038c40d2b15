package main

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const schema = `
CREATE TABLE policy (tenant TEXT NOT NULL, object TEXT NOT NULL, resource TEXT NOT NULL, permissions TEXT NOT NULL,
    PRIMARY KEY (tenant, object, resource)) WITHOUT ROWID;
CREATE TABLE token (id INTEGER PRIMARY KEY, service TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    expires_on INTEGER NOT NULL, sealed BLOB NOT NULL, UNIQUE (service, name));
CREATE TABLE audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, tenant TEXT NOT NULL, object TEXT NOT NULL,
    action TEXT NOT NULL, service TEXT NOT NULL, token TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL,
    request TEXT NOT NULL, mac BLOB NOT NULL);
`

// Readers that wait for one another only cost; there are few processors.
const readers = 8

type store struct {
	policies, tokens *sql.Stmt
}

type storedToken struct {
	service, name      string
	version, expiresOn int64
	sealed             []byte
}

func connect(path string, connections int) (*sql.DB, error) {
	database, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000")
	if err != nil {
		return nil, err
	}
	database.SetMaxOpenConns(connections)
	database.SetMaxIdleConns(connections)
	return database, database.Ping()
}

func open(path string) (*store, error) {
	database, err := connect(path, readers)
	if err != nil {
		return nil, err
	}
	policies, err := database.Prepare(
		"SELECT permissions FROM policy WHERE tenant = ? AND object = ? AND resource IN ('', ?, ?)")
	if err != nil {
		return nil, err
	}
	tokens, err := database.Prepare("SELECT version, expires_on, sealed FROM token WHERE service = ? AND name = ?")
	return &store{policies: policies, tokens: tokens}, err
}

func (s *store) mayRead(caller principal, service, token string) (bool, error) {
	resource := "services/" + service
	rows, err := s.policies.Query(caller.tenant, caller.object, resource, resource+"/tokens/"+token)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	allowed := false
	for rows.Next() {
		var permissions string
		if err := rows.Scan(&permissions); err != nil {
			return false, err
		}
		for _, name := range strings.Split(permissions, ",") {
			allowed = allowed || name == "GetToken"
		}
	}
	return allowed, rows.Err()
}

func (s *store) token(service, name string) (storedToken, error) {
	found := storedToken{service: service, name: name}
	err := s.tokens.QueryRow(service, name).Scan(&found.version, &found.expiresOn, &found.sealed)
	return found, err
}

// fill makes a database with so many tokens, and a policy for all of them.
func fill(path, keyPath, tenant, object string, count int) error {
	if err := makeKeys(keyPath); err != nil {
		return err
	}
	keys, err := readKeys(keyPath)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s is there already", path)
	}
	database, err := connect(path, 1)
	if err != nil {
		return err
	}
	defer database.Close()
	if _, err := database.Exec(schema); err != nil {
		return err
	}
	transaction, err := database.Begin()
	if err != nil {
		return err
	}
	if _, err := transaction.Exec("INSERT INTO policy VALUES (?, ?, 'services/dropbox', 'GetService,GetToken')",
		tenant, object); err != nil {
		return err
	}
	expires := time.Now().Add(12 * time.Hour).Unix()
	for number := 0; number < count; number++ {
		token := storedToken{service: "dropbox", name: fmt.Sprintf("token-%d", number), version: int64(number), expiresOn: expires}
		token.sealed = keys.sealToken(token, accessToken(number))
		if _, err := transaction.Exec("INSERT INTO token (service, name, version, expires_on, sealed) VALUES (?, ?, ?, ?, ?)",
			token.service, token.name, token.version, token.expiresOn, token.sealed); err != nil {
			return err
		}
	}
	return transaction.Commit()
}

// accessToken has the length that Dropbox's have.
func accessToken(number int) string {
	return fmt.Sprintf("sl.BkW7-_qZ9xTr4sl.%0120d", number)
}
