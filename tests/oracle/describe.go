package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/mutation"
	"k8s.io/apiserver/pkg/cel/mutation/dynamic"
)

func (a *answer) describe(value ref.Val) {
	a.Type = value.Type().TypeName()
	a.ValueText = textOf(value)
	encoded, err := jsonOf(value)
	if err != nil {
		a.ValueError = err.Error()
		return
	}
	a.Value = encoded
}

// jsonOf converts as the API server does where it takes a JSON value out of CEL,
// so whole numbers beyond 2^53 become strings.
func jsonOf(value ref.Val) (encoded json.RawMessage, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	switch typed := value.(type) {
	case *dynamic.ObjectVal:
		// The apply configuration is taken as Go values, not by way of protobuf.
		if err := typed.CheckTypeNamesMatchFieldPathNames(); err != nil {
			return nil, fmt.Errorf("type mismatch: %w", err)
		}
		return json.Marshal(typed.Value())
	case traits.Lister:
		if operations, ok := jsonPatchOperations(typed); ok {
			return jsonOfPatch(operations)
		}
	}
	native, err := value.ConvertToNative(reflect.TypeFor[*structpb.Value]())
	if err != nil {
		return nil, err
	}
	message, ok := native.(*structpb.Value)
	if !ok {
		return nil, fmt.Errorf("cel-go converted to %T", native)
	}
	return protojson.Marshal(message)
}

func jsonPatchOperations(list traits.Lister) ([]*mutation.JSONPatchVal, bool) {
	operations := []*mutation.JSONPatchVal{}
	for elements := list.Iterator(); elements.HasNext() == types.True; {
		operation, ok := elements.Next().(*mutation.JSONPatchVal)
		if !ok {
			return nil, false
		}
		operations = append(operations, operation)
	}
	return operations, len(operations) > 0
}

type encodedOperation struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	From  string          `json:"from,omitempty"`
	Value json.RawMessage `json:"value,omitempty"`
}

func jsonOfPatch(operations []*mutation.JSONPatchVal) (json.RawMessage, error) {
	encoded := make([]encodedOperation, 0, len(operations))
	for _, operation := range operations {
		member := encodedOperation{Op: operation.Op, Path: operation.Path, From: operation.From}
		if operation.Val != nil {
			native, err := operation.Val.ConvertToNative(reflect.TypeFor[*structpb.Value]())
			if err != nil {
				return nil, err
			}
			member.Value, err = json.Marshal(native)
			if err != nil {
				return nil, err
			}
		}
		encoded = append(encoded, member)
	}
	return json.Marshal(encoded)
}

// textOf writes a value with the name of its type at every level, so that values
// of different types which look alike in JSON can be told apart.
func textOf(value ref.Val) string {
	switch typed := value.(type) {
	case *types.Optional:
		if !typed.HasValue() {
			return "optional.none()"
		}
		return "optional.of(" + textOf(typed.GetValue()) + ")"
	case *dynamic.ObjectVal:
		// Its members have no public iterator: JSON is the best view of them.
		if encoded, err := jsonOf(typed); err == nil {
			return typed.Type().TypeName() + ":" + string(encoded)
		}
		return typed.Type().TypeName()
	case *mutation.JSONPatchVal:
		return "JSONPatch:" + patchText(typed)
	case apiservercel.Format:
		return typed.Type().TypeName() + ":" + typed.Name
	case ref.Type:
		return "type:" + typed.TypeName()
	case traits.Mapper:
		return "map:{" + strings.Join(mapEntries(typed), ", ") + "}"
	case traits.Lister:
		return "list:[" + strings.Join(listElements(typed), ", ") + "]"
	}
	return value.Type().TypeName() + ":" + scalarText(value)
}

func patchText(operation *mutation.JSONPatchVal) string {
	text := fmt.Sprintf("{op: %q, path: %q, from: %q", operation.Op, operation.Path, operation.From)
	if operation.Val != nil {
		text += ", value: " + textOf(operation.Val)
	}
	return text + "}"
}

func mapEntries(entries traits.Mapper) []string {
	texts := entryTexts{}
	// Looking the keys up would miss those that are never found, such as NaN.
	types.ToFoldableMap(entries).Fold(&texts)
	sort.Strings(texts)
	return texts
}

type entryTexts []string

func (t *entryTexts) FoldEntry(key, value any) bool {
	adapter := types.DefaultTypeAdapter
	*t = append(*t, textOf(adapter.NativeToValue(key))+": "+textOf(adapter.NativeToValue(value)))
	return true
}

func listElements(list traits.Lister) []string {
	texts := []string{}
	for elements := list.Iterator(); elements.HasNext() == types.True; {
		texts = append(texts, textOf(elements.Next()))
	}
	return texts
}

func scalarText(value ref.Val) string {
	switch typed := value.Value().(type) {
	case string:
		return strconv.Quote(typed)
	case []byte:
		return strconv.Quote(string(typed))
	case float64:
		return strconv.FormatFloat(typed, 'g', -1, 64)
	case time.Time:
		return typed.Format(time.RFC3339Nano)
	case structpb.NullValue:
		return "null"
	case *types.Err:
		// Authorizer values have no Go value and answer with an error.
		return "-"
	case fmt.Stringer:
		return typed.String()
	}
	return fmt.Sprint(value.Value())
}
