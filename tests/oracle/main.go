// Command oracle answers what kube-apiserver's own CEL code makes of an
// expression: one JSON question a line on standard input, one JSON answer a line
// on standard output. See README.md for both formats.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 2 && arguments[0] == "bench" {
		return serveBenchmarks(arguments[1], os.Stdin, os.Stdout)
	}
	if len(arguments) > 0 {
		return errors.New("usage: oracle [bench REPOSITORY]")
	}
	return answerAll(os.Stdin, os.Stdout)
}

// answerAll flushes after each line, so that a caller can ask and wait in turns.
func answerAll(input io.Reader, output io.Writer) error {
	lines := bufio.NewReaderSize(input, 64*1024)
	answers := bufio.NewWriter(output)
	encoder := json.NewEncoder(answers)
	encoder.SetEscapeHTML(false)
	oracle := newOracle()
	for {
		line, readErr := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := encoder.Encode(oracle.answerLine(line)); err != nil {
				return fmt.Errorf("write an answer: %w", err)
			}
			if err := answers.Flush(); err != nil {
				return err
			}
		}
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if readErr != nil {
			return fmt.Errorf("read a question: %w", readErr)
		}
	}
}
