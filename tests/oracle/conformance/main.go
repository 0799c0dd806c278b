// Command conformance prints the simple conformance tests of the CEL specification,
// one JSON object a line: the file, the section, and the test as protobuf's own JSON
// form of cel.expr.conformance.test.SimpleTest. Its argument is the directory of the
// textproto files.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"cel.dev/expr/conformance/test"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"

	// Values of these messages appear in the files.
	_ "cel.dev/expr/conformance/proto2"
	_ "cel.dev/expr/conformance/proto3"
)

type line struct {
	File    string          `json:"file"`
	Section string          `json:"section"`
	Test    json.RawMessage `json:"test"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: conformance DIRECTORY")
		os.Exit(2)
	}
	if err := printAll(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func printAll(directory string) error {
	files, err := filepath.Glob(filepath.Join(directory, "*.textproto"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no textproto files in %s", directory)
	}
	sort.Strings(files)
	output := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	for _, file := range files {
		if err := printFile(encoder, file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return output.Flush()
}

func printFile(encoder *json.Encoder, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var file test.SimpleTestFile
	if err := prototext.Unmarshal(text, &file); err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(path), ".textproto")
	for _, section := range file.GetSection() {
		for _, simple := range section.GetTest() {
			encoded, err := protojson.Marshal(simple)
			if err != nil {
				return fmt.Errorf("%s/%s: %w", section.GetName(), simple.GetName(), err)
			}
			if err := encoder.Encode(line{File: name, Section: section.GetName(), Test: encoded}); err != nil {
				return err
			}
		}
	}
	return nil
}
