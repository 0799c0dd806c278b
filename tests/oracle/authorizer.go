package main

import (
	"context"
	"errors"

	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// allowedAccess is one access that the pretended authorizer allows. Members that
// are absent match only the empty value, "*" matches every value; User is the
// exception: absent, it matches everybody.
type allowedAccess struct {
	User        string `json:"user"`
	Verb        string `json:"verb"`
	Group       string `json:"group"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	Path        string `json:"path"`
	// Reason comes back with the decision.
	Reason string `json:"reason"`
	// Error makes the access fail instead of being allowed.
	Error string `json:"error"`
}

type allowList []allowedAccess

func (list allowList) Authorize(_ context.Context, attributes authorizer.Attributes) (authorizer.Decision, string, error) {
	for _, access := range list {
		if !access.matches(attributes) {
			continue
		}
		if access.Error != "" {
			return authorizer.DecisionNoOpinion, access.Reason, errors.New(access.Error)
		}
		return authorizer.DecisionAllow, access.Reason, nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

func (access allowedAccess) matches(attributes authorizer.Attributes) bool {
	return (access.User == "" || matchesValue(access.User, attributes.GetUser().GetName())) &&
		matchesValue(access.Verb, attributes.GetVerb()) &&
		matchesValue(access.Group, attributes.GetAPIGroup()) &&
		matchesValue(access.Resource, attributes.GetResource()) &&
		matchesValue(access.Subresource, attributes.GetSubresource()) &&
		matchesValue(access.Namespace, attributes.GetNamespace()) &&
		matchesValue(access.Name, attributes.GetName()) &&
		matchesValue(access.Path, attributes.GetPath())
}

func matchesValue(pattern, value string) bool {
	return pattern == "*" || pattern == value
}
