package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// question is one input line. The raw members keep "absent" and "null" apart and
// leave the conversion of numbers to the API machinery.
type question struct {
	ID              json.RawMessage      `json:"id"`
	Kind            string               `json:"kind"`
	Expression      string               `json:"expression"`
	Variables       []variableDefinition `json:"variables"`
	Object          json.RawMessage      `json:"object"`
	OldObject       json.RawMessage      `json:"oldObject"`
	Params          json.RawMessage      `json:"params"`
	Request         json.RawMessage      `json:"request"`
	NamespaceObject json.RawMessage      `json:"namespaceObject"`
	Allow           []allowedAccess      `json:"allow"`
}

type variableDefinition struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
}

// answer is one output line. Exactly one of InputError, CompileError, Error and
// Type is set.
type answer struct {
	ID json.RawMessage `json:"id"`

	InputError   string `json:"input_error,omitempty"`
	CompileError string `json:"compile_error,omitempty"`
	Error        string `json:"error,omitempty"`

	Value      json.RawMessage `json:"value,omitempty"`
	ValueError string          `json:"value_error,omitempty"`
	ValueText  string          `json:"value_text,omitempty"`
	Type       string          `json:"type,omitempty"`

	CheckedType   string  `json:"checked_type,omitempty"`
	Cost          *uint64 `json:"cost,omitempty"`
	VariablesCost *int64  `json:"variables_cost,omitempty"`

	Patched    json.RawMessage `json:"patched,omitempty"`
	PatchError string          `json:"patch_error,omitempty"`
}

func parseQuestion(line []byte) (question, error) {
	var parsed question
	decoder := json.NewDecoder(bytes.NewReader(line))
	// A misspelt member would silently ask something else.
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&parsed); err != nil {
		return parsed, fmt.Errorf("the line is not a question: %w", err)
	}
	return parsed, nil
}

// decodeObject reads JSON as the API server does: whole numbers become int64, all
// others float64.
func decodeObject(raw json.RawMessage) (any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var value any
	if err := utiljson.Unmarshal(raw, &value); err != nil {
		return nil, err
	}
	return value, nil
}
