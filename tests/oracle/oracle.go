package main

import (
	"context"
	"fmt"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types/ref"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

type oracle struct {
	compilers *compilers
	// A broken environment is reported with every answer rather than by a panic.
	broken error
}

func newOracle() *oracle {
	compilers, err := newCompilers()
	return &oracle{compilers: compilers, broken: err}
}

func compilationFailed(detail string) plugincel.CompilationResult {
	return plugincel.CompilationResult{Error: &apiservercel.Error{Type: apiservercel.ErrorTypeInvalid, Detail: detail}}
}

func (o *oracle) answerLine(line []byte) (answered answer) {
	asked, err := parseQuestion(line)
	answered.ID = asked.ID
	if len(answered.ID) == 0 {
		answered.ID = []byte("null")
	}
	if err == nil {
		err = o.broken
	}
	if err != nil {
		answered.InputError = err.Error()
		return answered
	}
	// cel-go and the API server panic for some values; the caller wants to know
	// for which, and the lines after this one answered.
	defer func() {
		if cause := recover(); cause != nil {
			answered = answer{ID: answered.ID, Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	if asked.Kind == "bare" {
		o.answerBare(asked, &answered)
	} else {
		o.answerPolicy(asked, &answered)
	}
	return answered
}

func (o *oracle) answerBare(asked question, answered *answer) {
	object, err := decodeObject(asked.Object)
	if err != nil {
		answered.InputError = fmt.Sprintf("object: %v", err)
		return
	}
	params, err := decodeObject(asked.Params)
	if err != nil {
		answered.InputError = fmt.Sprintf("params: %v", err)
		return
	}
	activation, err := cel.NewActivation(map[string]any{
		plugincel.ObjectVarName: object,
		plugincel.ParamsVarName: params,
	})
	if err != nil {
		answered.InputError = err.Error()
		return
	}
	value := answered.evaluate(context.Background(), o.compilers.compileBare(asked.Expression), activation)
	if value != nil {
		answered.describe(value)
	}
}

func (o *oracle) answerPolicy(asked question, answered *answer) {
	kind, known := expressionKinds[asked.Kind]
	if !known {
		answered.InputError = fmt.Sprintf("unknown kind %q", asked.Kind)
		return
	}
	hasParams := len(asked.Params) > 0
	compiler, err := o.compilers.forPolicy(asked.Variables, hasParams)
	if err != nil {
		answered.CompileError = err.Error()
		return
	}
	bound, err := bindPolicy(asked, kind)
	if err != nil {
		answered.InputError = err.Error()
		return
	}
	composition := compiler.CreateContext(context.Background())
	activation, err := bound.activation(composition)
	if err != nil {
		answered.InputError = err.Error()
		return
	}
	options := plugincel.OptionalVariableDeclarations{
		HasParams:     hasParams,
		HasAuthorizer: kind.hasAuthorizer,
		HasPatchTypes: kind.hasPatchTypes,
	}
	var expressionCompiler plugincel.Compiler = compiler
	if kind.isMatchCondition {
		expressionCompiler = o.compilers.matchCondition
	}
	compiled := expressionCompiler.CompileCELExpression(kind.accessor(asked.Expression), options, environment.StoredExpressions)
	value := answered.evaluate(composition, compiled, activation)
	if len(asked.Variables) > 0 && answered.Cost != nil {
		answered.VariablesCost = new(int64)
		*answered.VariablesCost = composition.GetAndResetCost()
	}
	if value == nil {
		return
	}
	answered.describe(value)
	if kind.hasPatchTypes {
		answered.patch(asked, bound, compiler, kind, options)
	}
}

// evaluate fills in the compile error, the run-time error and the costs, and
// returns the value if there is one.
func (a *answer) evaluate(ctx context.Context, compiled plugincel.CompilationResult, activation cel.Activation) ref.Val {
	if compiled.Error != nil {
		a.CompileError = compiled.Error.Error()
		return nil
	}
	a.CheckedType = compiled.OutputType.String()
	value, details, err := compiled.Program.ContextEval(ctx, activation)
	if details != nil {
		a.Cost = details.ActualCost()
	}
	if err != nil {
		a.Error = err.Error()
		return nil
	}
	return value
}
