package main

import (
	"encoding/json"
	"fmt"

	"github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/util/version"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

var kubernetesVersion = version.MajorMinor(1, 36)

// expressionKind is the place of a policy where an expression stands: it decides
// the declared variables and the types that the API server accepts as a result.
type expressionKind struct {
	accessor      func(expression string) plugincel.ExpressionAccessor
	hasAuthorizer bool
	hasPatchTypes bool
	// A match condition is accepted only if it compiles without `variables`, and
	// the API server binds null to the namespace that it declares there.
	isMatchCondition bool
}

var expressionKinds = map[string]expressionKind{
	"validation": {hasAuthorizer: true, accessor: func(expression string) plugincel.ExpressionAccessor {
		return &validating.ValidationCondition{Expression: expression}
	}},
	"messageExpression": {accessor: func(expression string) plugincel.ExpressionAccessor {
		return &validating.MessageExpressionCondition{MessageExpression: expression}
	}},
	"auditAnnotation": {hasAuthorizer: true, accessor: func(expression string) plugincel.ExpressionAccessor {
		return &validating.AuditAnnotationCondition{ValueExpression: expression}
	}},
	// A match condition returns what a validation returns: bool.
	"matchCondition": {hasAuthorizer: true, isMatchCondition: true, accessor: func(expression string) plugincel.ExpressionAccessor {
		return &validating.ValidationCondition{Expression: expression}
	}},
	"variable": {hasAuthorizer: true, accessor: func(expression string) plugincel.ExpressionAccessor {
		return &validating.Variable{Expression: expression}
	}},
	"jsonPatch": {hasAuthorizer: true, hasPatchTypes: true, accessor: func(expression string) plugincel.ExpressionAccessor {
		return &patch.JSONPatchCondition{Expression: expression}
	}},
	"applyConfiguration": {hasAuthorizer: true, hasPatchTypes: true, accessor: func(expression string) plugincel.ExpressionAccessor {
		return &patch.ApplyConfigurationCondition{Expression: expression}
	}},
}

// compilers caches compilers by their variables: building the environments costs
// far more than compiling an expression.
type compilers struct {
	bare           *cel.Env
	matchCondition plugincel.Compiler
	byVariables    map[string]*plugincel.CompositedCompiler
}

func newCompilers() (*compilers, error) {
	bareSet, err := environment.MustBaseEnvSet(kubernetesVersion).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions: []cel.EnvOption{
			cel.Variable(plugincel.ObjectVarName, cel.DynType),
			cel.Variable(plugincel.ParamsVarName, cel.DynType),
		},
	}, environment.StrictCostOpt)
	if err != nil {
		return nil, fmt.Errorf("build the bare environment: %w", err)
	}
	bare, err := bareSet.Env(environment.StoredExpressions)
	if err != nil {
		return nil, fmt.Errorf("build the bare environment: %w", err)
	}
	return &compilers{
		bare:           bare,
		matchCondition: plugincel.NewCompiler(environment.MustBaseEnvSet(kubernetesVersion)),
		byVariables:    map[string]*plugincel.CompositedCompiler{},
	}, nil
}

// compileBare makes a program with the same options as the admission plugins'
// compiler does, without their variables and result types.
func (c *compilers) compileBare(expression string) plugincel.CompilationResult {
	ast, issues := c.bare.Compile(expression)
	if issues != nil {
		return compilationFailed("compilation failed: " + issues.String())
	}
	program, err := c.bare.Program(ast, cel.InterruptCheckFrequency(celconfig.CheckFrequency))
	if err != nil {
		return compilationFailed("program instantiation failed: " + err.Error())
	}
	return plugincel.CompilationResult{Program: program, OutputType: ast.OutputType()}
}

// forPolicy returns the compiler of a policy that defines these variables.
func (c *compilers) forPolicy(variables []variableDefinition, hasParams bool) (*plugincel.CompositedCompiler, error) {
	key, err := json.Marshal([]any{hasParams, variables})
	if err != nil {
		return nil, err
	}
	if known, ok := c.byVariables[string(key)]; ok {
		return known, nil
	}
	compiler, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(kubernetesVersion))
	if err != nil {
		return nil, fmt.Errorf("build the environment: %w", err)
	}
	options := plugincel.OptionalVariableDeclarations{HasParams: hasParams, HasAuthorizer: true}
	for _, variable := range variables {
		accessor := &validating.Variable{Name: variable.Name, Expression: variable.Expression}
		result := compiler.CompileAndStoreVariable(accessor, options, environment.StoredExpressions)
		if result.Error != nil {
			return nil, fmt.Errorf("variable %q: %w", variable.Name, result.Error)
		}
	}
	c.byVariables[string(key)] = compiler
	return compiler, nil
}
