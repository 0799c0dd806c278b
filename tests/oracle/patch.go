package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
)

var errNoObject = errors.New("the question has no object with apiVersion and kind")

// patch applies the mutation to the object with the API server's own patchers.
func (a *answer) patch(
	asked question,
	bound *policyBindings,
	compiler *plugincel.CompositedCompiler,
	kind expressionKind,
	options plugincel.OptionalVariableDeclarations,
) {
	patched, err := applyMutation(asked, bound, compiler, kind, options)
	if err == nil {
		a.Patched, err = json.Marshal(patched)
	}
	if err != nil {
		a.PatchError = err.Error()
	}
}

func applyMutation(
	asked question,
	bound *policyBindings,
	compiler *plugincel.CompositedCompiler,
	kind expressionKind,
	options plugincel.OptionalVariableDeclarations,
) (_ runtime.Object, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	object, err := unstructuredObject(asked.Object)
	if err != nil {
		return nil, err
	}
	if object == nil || object.GetKind() == "" || object.GetAPIVersion() == "" {
		return nil, errNoObject
	}
	oldObject, err := unstructuredObject(asked.OldObject)
	if err != nil {
		return nil, err
	}
	params, err := unstructuredObject(asked.Params)
	if err != nil {
		return nil, err
	}
	request := patch.Request{
		MatchedResource:     schemaResource(bound.request.Resource),
		VersionedAttributes: bound.versionedAttributes(object, oldObject),
		ObjectInterfaces:    admission.NewObjectInterfacesFromScheme(scheme.Scheme),
		OptionalVariables:   plugincel.OptionalVariableBindings{Authorizer: allowList(asked.Allow)},
		Namespace:           bound.namespace,
		TypeConverter:       applyconfigurations.NewTypeConverter(scheme.Scheme),
	}
	if params != nil {
		request.OptionalVariables.VersionedParams = params
	}
	evaluator := compiler.CompileMutatingEvaluator(kind.accessor(asked.Expression), options, environment.StoredExpressions)
	patcher := patch.NewApplyConfigurationPatcher(evaluator)
	if asked.Kind == "jsonPatch" {
		patcher = patch.NewJSONPatcher(evaluator)
	}
	composition := compiler.CreateContext(context.Background())
	return patcher.Patch(composition, request, celconfig.RuntimeCELCostBudget)
}

func (b *policyBindings) versionedAttributes(object, oldObject *unstructured.Unstructured) *admission.VersionedAttributes {
	versioned := &admission.VersionedAttributes{
		Attributes:      b.attributes(object, nil),
		VersionedKind:   objectKind(object),
		VersionedObject: object,
	}
	if oldObject != nil {
		versioned.Attributes = b.attributes(object, oldObject)
		versioned.VersionedOldObject = oldObject
	}
	return versioned
}

func objectKind(object *unstructured.Unstructured) schema.GroupVersionKind {
	return object.GetObjectKind().GroupVersionKind()
}

func unstructuredObject(raw json.RawMessage) (*unstructured.Unstructured, error) {
	decoded, err := decodeObject(raw)
	if err != nil || decoded == nil {
		return nil, err
	}
	members, ok := decoded.(map[string]any)
	if !ok {
		return nil, errNoObject
	}
	return &unstructured.Unstructured{Object: members}, nil
}
