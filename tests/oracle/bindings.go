package main

import (
	"encoding/json"
	"fmt"

	"github.com/google/cel-go/cel"
	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/cel/library"
)

// policyBindings are the values of every variable that a policy can name.
type policyBindings struct {
	values    map[string]any
	request   *admissionv1.AdmissionRequest
	namespace *corev1.Namespace
	user      user.Info
}

func bindPolicy(asked question, kind expressionKind) (*policyBindings, error) {
	object, err := decodeObject(asked.Object)
	if err != nil {
		return nil, fmt.Errorf("object: %w", err)
	}
	oldObject, err := decodeObject(asked.OldObject)
	if err != nil {
		return nil, fmt.Errorf("oldObject: %w", err)
	}
	params, err := decodeObject(asked.Params)
	if err != nil {
		return nil, fmt.Errorf("params: %w", err)
	}
	request, err := decodeRequest(asked.Request)
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	requestValue, err := runtime.DefaultUnstructuredConverter.ToUnstructured(request)
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	namespace, namespaceValue, err := decodeNamespace(asked.NamespaceObject, kind)
	if err != nil {
		return nil, fmt.Errorf("namespaceObject: %w", err)
	}
	bound := &policyBindings{request: request, namespace: namespace, user: userOf(request)}
	bound.values = map[string]any{
		plugincel.ObjectVarName:    object,
		plugincel.OldObjectVarName: oldObject,
		plugincel.ParamsVarName:    params,
		plugincel.RequestVarName:   requestValue,
		plugincel.NamespaceVarName: namespaceValue,
	}
	if kind.hasAuthorizer {
		accesses := allowList(asked.Allow)
		bound.values[plugincel.AuthorizerVarName] = library.NewAuthorizerVal(bound.user, accesses)
		bound.values[plugincel.RequestResourceAuthorizerVarName] =
			library.NewResourceAuthorizerVal(bound.user, accesses, bound.attributes(nil, nil))
	}
	return bound, nil
}

// decodeRequest goes through the typed AdmissionRequest, as the API server does,
// so that members it always sets are there and members it does not know are not.
func decodeRequest(raw json.RawMessage) (*admissionv1.AdmissionRequest, error) {
	request := &admissionv1.AdmissionRequest{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, request); err != nil {
			return nil, err
		}
	}
	request.UID = ""
	request.Object = runtime.RawExtension{}
	request.OldObject = runtime.RawExtension{}
	if request.RequestKind == nil {
		request.RequestKind = request.Kind.DeepCopy()
	}
	if request.RequestResource == nil {
		request.RequestResource = request.Resource.DeepCopy()
		request.RequestSubResource = request.SubResource
	}
	if request.DryRun == nil {
		request.DryRun = new(bool)
	}
	return request, nil
}

func decodeNamespace(raw json.RawMessage, kind expressionKind) (*corev1.Namespace, any, error) {
	if len(raw) == 0 || string(raw) == "null" || kind.isMatchCondition {
		return nil, nil, nil
	}
	namespace := &corev1.Namespace{}
	if err := json.Unmarshal(raw, namespace); err != nil {
		return nil, nil, err
	}
	namespace = plugincel.CreateNamespaceObject(namespace)
	value, err := runtime.DefaultUnstructuredConverter.ToUnstructured(namespace)
	return namespace, value, err
}

func userOf(request *admissionv1.AdmissionRequest) user.Info {
	extra := make(map[string][]string, len(request.UserInfo.Extra))
	for key, values := range request.UserInfo.Extra {
		extra[key] = values
	}
	return &user.DefaultInfo{
		Name:   request.UserInfo.Username,
		UID:    request.UserInfo.UID,
		Groups: request.UserInfo.Groups,
		Extra:  extra,
	}
}

// attributes describes the request as the admission chain passes it on.
func (b *policyBindings) attributes(object, oldObject runtime.Object) admission.Attributes {
	request := b.request
	return admission.NewAttributesRecord(
		object, oldObject,
		schemaKind(*request.RequestKind),
		request.Namespace, request.Name,
		schemaResource(*request.RequestResource), request.RequestSubResource,
		admission.Operation(request.Operation), nil, *request.DryRun, b.user,
	)
}

func schemaKind(kind metav1.GroupVersionKind) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: kind.Group, Version: kind.Version, Kind: kind.Kind}
}

func schemaResource(resource metav1.GroupVersionResource) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: resource.Group, Version: resource.Version, Resource: resource.Resource}
}

// activation also binds `variables`, which read the other bindings when they are used.
func (b *policyBindings) activation(composition plugincel.CompositionContext) (cel.Activation, error) {
	activation, err := cel.NewActivation(b.values)
	if err != nil {
		return nil, err
	}
	b.values[plugincel.VariableVarName] = composition.Variables(activation)
	return activation, nil
}
