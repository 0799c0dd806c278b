// Command tessera verifies evidence logs with programs that are not ours: the fsck of
// github.com/transparency-dev/tessera recomputes the tree from the entry bundles and compares every
// tile; golang.org/x/mod/sumdb reads keys, heads and proofs; the libraries of secure-systems-lab and
// in-toto read attestations.
//
//	tessera fsck DIRECTORY           a log; prints its origin and size
//	tessera proof FILE VKEY          a record's proof; prints the record
//	tessera attestation FILE VKEY    an attestation; prints predicate type, subject and digest
package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	attestation "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/protobuf/encoding/protojson"
)

func main() {
	var err error
	switch arguments := os.Args[1:]; {
	case len(arguments) == 2 && arguments[0] == "fsck":
		err = checkLog(arguments[1])
	case len(arguments) == 3 && arguments[0] == "proof":
		err = checkProof(arguments[1], arguments[2])
	case len(arguments) == 3 && arguments[0] == "attestation":
		err = checkAttestation(arguments[1], arguments[2])
	default:
		err = errors.New("usage: tessera fsck DIRECTORY | tessera proof|attestation FILE VKEY")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// checkLog verifies a log under each of the keys that it names.
func checkLog(directory string) error {
	ctx := context.Background()
	log := client.FileFetcher{Root: directory}
	keys, err := os.ReadFile(filepath.Join(directory, "key.pub"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(keys)) {
		verifier, err := note.NewVerifier(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return fmt.Errorf("key.pub: %w", err)
		}
		origin := verifier.Name()
		check := fsck.New(origin, verifier, log, leafHashes, fsck.Opts{N: 2})
		if err := check.Check(ctx); err != nil {
			return err
		}
		raw, err := log.ReadCheckpoint(ctx)
		if err != nil {
			return err
		}
		head, err := openHead(raw, verifier)
		if err != nil {
			return err
		}
		fmt.Println(origin, head.N)
	}
	return nil
}

func leafHashes(bundle []byte) ([][]byte, error) {
	var entries api.EntryBundle
	if err := entries.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	hashes := make([][]byte, 0, len(entries.Entries))
	for _, entry := range entries.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}

// openHead reads a checkpoint by hand: sumdb's own has a fixed first line.
func openHead(raw []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(raw, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// checkProof verifies a C2SP tlog-proof whose extra data is the record.
func checkProof(file, key string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	proof, head, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(proof), "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a proof")
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		path = append(path, hash)
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	tree, err := openHead(head, verifier)
	if err != nil {
		return err
	}
	leaf := tlog.Hash(sha256.Sum256(append([]byte{0}, entry...)))
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, index, leaf); err != nil {
		return err
	}
	fmt.Println(string(entry))
	return nil
}

// publicKey is the Ed25519 key of a verifier key, for DSSE.
type publicKey ed25519.PublicKey

func (key publicKey) Verify(_ context.Context, data, sig []byte) error {
	if !ed25519.Verify(ed25519.PublicKey(key), data, sig) {
		return errors.New("the signature is wrong")
	}
	return nil
}

func (key publicKey) KeyID() (string, error) { return "", nil }

func (key publicKey) Public() crypto.PublicKey { return ed25519.PublicKey(key) }

// checkAttestation verifies a DSSE envelope and the in-toto statement in it.
func checkAttestation(file, vkey string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err := note.NewVerifier(vkey); err != nil {
		return err
	}
	key, err := base64.StdEncoding.DecodeString(strings.SplitN(vkey, "+", 3)[2])
	if err != nil {
		return err
	}
	var envelope dsse.Envelope
	if err := json.Unmarshal(text, &envelope); err != nil {
		return err
	}
	verifier, err := dsse.NewEnvelopeVerifier(publicKey(key[1:]))
	if err != nil {
		return err
	}
	if _, err := verifier.Verify(context.Background(), &envelope); err != nil {
		return err
	}
	payload, err := envelope.DecodeB64Payload()
	if err != nil {
		return err
	}
	var statement attestation.Statement
	if err := protojson.Unmarshal(payload, &statement); err != nil {
		return err
	}
	if err := statement.Validate(); err != nil {
		return err
	}
	for _, subject := range statement.Subject {
		fmt.Println(statement.PredicateType, subject.Name, subject.Digest["sha256"])
	}
	return nil
}
