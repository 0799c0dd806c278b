// The yaml program says how Kubernetes reads a YAML document: each line of its
// input is a JSON string with a document, each line of its output what
// sigs.k8s.io/yaml makes of it, strictly: {"json": …} or {"error": "…"}. What is
// only refused strictly has both.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

type answer struct {
	JSON  json.RawMessage `json:"json,omitempty"`
	Error string          `json:"error,omitempty"`
}

func read(document string) (answered answer) {
	// The parser panics for some texts; the lines after this one are answered all
	// the same.
	defer func() {
		if cause := recover(); cause != nil {
			answered = answer{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	converted, err := yaml.YAMLToJSONStrict([]byte(document))
	if err != nil {
		answered.Error = err.Error()
		converted, err = yaml.YAMLToJSON([]byte(document))
	}
	if err == nil {
		answered.JSON = converted
	}
	return answered
}

func run() error {
	lines := json.NewDecoder(bufio.NewReader(os.Stdin))
	output := bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(output)
	for lines.More() {
		var document string
		if err := lines.Decode(&document); err != nil {
			return err
		}
		if err := answers.Encode(read(document)); err != nil {
			return err
		}
	}
	return output.Flush()
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
