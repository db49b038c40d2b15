package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
)

type entry struct {
	at                                                               int64
	tenant, object, action, service, token, outcome, detail, request string
}

type pending struct {
	entry entry
	done  chan error
}

// audit writes the entries of many callers in one transaction: while one is on its way to the disk, the next gathers.
type audit struct {
	queue chan pending
}

const batch = 512

func startAudit(path string, key []byte) (*audit, error) {
	database, err := connect(path, 1)
	if err != nil {
		return nil, err
	}
	insert, err := database.Prepare("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return nil, err
	}
	w := &writer{database: database, insert: insert, key: key}
	row := database.QueryRow("SELECT id, mac FROM audit ORDER BY id DESC LIMIT 1")
	if err := row.Scan(&w.last, &w.mac); err != nil && err != sql.ErrNoRows {
		return nil, err
	}
	a := &audit{queue: make(chan pending, 4096)}
	go w.run(a.queue)
	return a, nil
}

// append returns when the entry is on the disk.
func (a *audit) append(e entry) error {
	done := make(chan error, 1)
	a.queue <- pending{entry: e, done: done}
	return <-done
}

type writer struct {
	database *sql.DB
	insert   *sql.Stmt
	key      []byte
	last     int64
	// The code of the last entry, which that of the next one covers.
	mac []byte
}

func (w *writer) run(queue chan pending) {
	for first := range queue {
		entries := []pending{first}
	gather:
		for len(entries) < batch {
			select {
			case next := <-queue:
				entries = append(entries, next)
			default:
				break gather
			}
		}
		err := w.write(entries)
		for _, p := range entries {
			p.done <- err
		}
	}
}

func (w *writer) write(entries []pending) error {
	transaction, err := w.database.Begin()
	if err != nil {
		return err
	}
	defer transaction.Rollback()
	insert := transaction.Stmt(w.insert)
	last, mac := w.last, w.mac
	for _, p := range entries {
		last++
		mac = w.code(last, p.entry, mac)
		e := p.entry
		if _, err := insert.Exec(last, e.at, e.tenant, e.object, e.action, e.service, e.token, e.outcome, e.detail, e.request,
			mac); err != nil {
			return err
		}
	}
	if err := transaction.Commit(); err != nil {
		return err
	}
	w.last, w.mac = last, mac
	return nil
}

func (w *writer) code(id int64, e entry, previous []byte) []byte {
	mac := hmac.New(sha256.New, w.key)
	mac.Write(previous)
	var number [8]byte
	for _, value := range []int64{id, e.at} {
		binary.BigEndian.PutUint64(number[:], uint64(value))
		mac.Write(number[:])
	}
	for _, text := range []string{e.tenant, e.object, e.action, e.service, e.token, e.outcome, e.detail, e.request} {
		binary.BigEndian.PutUint64(number[:], uint64(len(text)))
		mac.Write(number[:])
		mac.Write([]byte(text))
	}
	return mac.Sum(nil)[:16]
}
