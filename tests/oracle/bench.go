package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules"
	"k8s.io/apiserver/pkg/cel/environment"
	"sigs.k8s.io/yaml"
)

// benchmarks are the cases of `cargo xtask bench cel` by name; each evaluates once.
// Objects are converted beforehand, policies are compiled as the API server
// compiles them, and nothing else that it does for a request is done: neither
// matching nor conversion. That is the fastest that its code can be.
type benchmarks map[string]func() error

// serveBenchmarks answers `<milliseconds> <case>` with `<evaluations> <nanoseconds
// of CPU> <allocations>`, and `list` with the names of all cases.
func serveBenchmarks(repository string, input io.Reader, output io.Writer) error {
	// The garbage collector's work then counts as what it is, and idle threads do
	// not count as work.
	runtime.GOMAXPROCS(1)
	cases, err := newBenchmarks(repository)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(input)
	for lines.Scan() {
		answer, err := cases.answer(lines.Text())
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(output, answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (b benchmarks) answer(line string) (string, error) {
	if line == "list" {
		names := make([]string, 0, len(b))
		for name := range b {
			names = append(names, name)
		}
		slices.Sort(names)
		return strings.Join(names, " "), nil
	}
	duration, name, _ := strings.Cut(line, " ")
	milliseconds, err := strconv.Atoi(duration)
	if err != nil {
		return "", fmt.Errorf("%q is not `<milliseconds> <case>`", line)
	}
	evaluate, known := b[name]
	if !known {
		return "", fmt.Errorf("no case %q", name)
	}
	return measure(evaluate, time.Duration(milliseconds)*time.Millisecond)
}

func measure(evaluate func() error, duration time.Duration) (string, error) {
	if err := evaluate(); err != nil {
		return "", err
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	evaluations, batch := 0, 1
	start := cpuTime()
	spent := time.Duration(0)
	for spent < duration {
		for range batch {
			if err := evaluate(); err != nil {
				return "", err
			}
		}
		evaluations += batch
		spent = cpuTime() - start
		if spent < duration/16 {
			batch *= 2
		}
	}
	runtime.ReadMemStats(&after)
	allocations := (after.Mallocs - before.Mallocs) / uint64(evaluations)
	return fmt.Sprintf("%d %d %d", evaluations, spent.Nanoseconds(), allocations), nil
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func newBenchmarks(repository string) (benchmarks, error) {
	asked, raw, err := benchmarkQuestion(repository)
	if err != nil {
		return nil, err
	}
	compilers, err := newCompilers()
	if err != nil {
		return nil, err
	}
	cases := benchmarks{"parse": func() error { _, err := decodeObject(raw); return err }}
	if err := cases.addExpressions(repository, compilers, asked); err != nil {
		return nil, err
	}
	if err := cases.addPolicies(repository, compilers, asked); err != nil {
		return nil, err
	}
	return cases, nil
}

// benchmarkQuestion reads what is evaluated on; the review's bytes come back too.
func benchmarkQuestion(repository string) (asked question, raw []byte, err error) {
	raw, err = os.ReadFile(filepath.Join(repository, "bench/review.json"))
	if err != nil {
		return asked, nil, err
	}
	var review struct{ Request json.RawMessage }
	if err := json.Unmarshal(raw, &review); err != nil {
		return asked, nil, err
	}
	var request struct{ Object json.RawMessage }
	if err := json.Unmarshal(review.Request, &request); err != nil {
		return asked, nil, err
	}
	baseline, err := os.ReadFile(filepath.Join(repository, "manifests/baseline/default.yaml"))
	if err != nil {
		return asked, nil, err
	}
	params, err := yaml.YAMLToJSON(baseline)
	if err != nil {
		return asked, nil, err
	}
	asked = question{
		Object:          request.Object,
		Request:         review.Request,
		Params:          params,
		NamespaceObject: json.RawMessage(`{"metadata": {"name": "agents", "labels": {"cattlegrid.dev/agents": "enforce"}}}`),
		// Everybody may use everything: the Job's phase, for one.
		Allow: []allowedAccess{{Verb: "use", Group: "*", Resource: "*", Namespace: "*", Name: "*"}},
	}
	compact, err := compactJSON(raw)
	return asked, compact, err
}

func compactJSON(raw []byte) ([]byte, error) {
	var value json.RawMessage
	if err := json.Unmarshal(raw, &value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

func (b benchmarks) addExpressions(repository string, compilers *compilers, asked question) error {
	raw, err := os.ReadFile(filepath.Join(repository, "bench/expressions.json"))
	if err != nil {
		return err
	}
	var expressions []struct{ Name, Expression string }
	if err := json.Unmarshal(raw, &expressions); err != nil {
		return err
	}
	object, err := decodeObject(asked.Object)
	if err != nil {
		return err
	}
	params, err := decodeObject(asked.Params)
	if err != nil {
		return err
	}
	activation, err := cel.NewActivation(map[string]any{
		plugincel.ObjectVarName: object,
		plugincel.ParamsVarName: params,
	})
	if err != nil {
		return err
	}
	for _, expression := range expressions {
		compiled := compilers.compileBare(expression.Expression)
		if compiled.Error != nil {
			return fmt.Errorf("%s: %w", expression.Name, compiled.Error)
		}
		b["expression/"+expression.Name] = func() error {
			return mustPass(context.Background(), compiled, activation)
		}
	}
	return nil
}

// mustPass evaluates an expression whose value must be true.
func mustPass(ctx context.Context, compiled plugincel.CompilationResult, activation cel.Activation) error {
	value, _, err := compiled.Program.ContextEval(ctx, activation)
	if err == nil && value != types.True {
		err = errors.New("it must be true")
	}
	return err
}

func (b benchmarks) addPolicies(repository string, compilers *compilers, asked question) error {
	files, err := filepath.Glob(filepath.Join(repository, "policies/*/policy.yaml"))
	if err != nil {
		return err
	}
	var all []func() error
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var policy admissionregistrationv1.ValidatingAdmissionPolicy
		if err := yaml.Unmarshal(raw, &policy); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if policy.Kind != "ValidatingAdmissionPolicy" {
			continue
		}
		matches, err := constraintsMatch(&policy, asked)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if !matches {
			continue
		}
		evaluate, err := benchmarkPolicy(&policy, compilers, asked)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, evaluate)
		b["policy/"+policy.Name] = evaluate
	}
	b["policies"] = func() error {
		for _, evaluate := range all {
			if err := evaluate(); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

// constraintsMatch says whether the request is of a kind that the policy judges.
func constraintsMatch(policy *admissionregistrationv1.ValidatingAdmissionPolicy, asked question) (bool, error) {
	bound, err := bindPolicy(asked, expressionKinds["validation"])
	if err != nil || policy.Spec.MatchConstraints == nil {
		return false, err
	}
	attributes := bound.attributes(nil, nil)
	return slices.ContainsFunc(policy.Spec.MatchConstraints.ResourceRules, func(rule admissionregistrationv1.NamedRuleWithOperations) bool {
		matcher := rules.Matcher{Rule: rule.RuleWithOperations, Attr: attributes}
		return matcher.Matches()
	}), nil
}

// benchmarkPass is one pass over expressions of a policy.
type benchmarkPass struct {
	kind        string
	expressions []plugincel.CompilationResult
	bound       *policyBindings
	mustBeTrue  bool
}

func benchmarkPolicy(policy *admissionregistrationv1.ValidatingAdmissionPolicy, compilers *compilers, asked question) (func() error, error) {
	if policy.Spec.ParamKind == nil {
		asked.Params = nil
	}
	for _, variable := range policy.Spec.Variables {
		asked.Variables = append(asked.Variables, variableDefinition{Name: variable.Name, Expression: variable.Expression})
	}
	compiler, err := compilers.forPolicy(asked.Variables, len(asked.Params) > 0)
	if err != nil {
		return nil, err
	}
	conditions := benchmarkPass{kind: "matchCondition", mustBeTrue: true}
	for _, condition := range policy.Spec.MatchConditions {
		if err := conditions.add(condition.Expression, compilers.matchCondition, asked); err != nil {
			return nil, err
		}
	}
	validations := benchmarkPass{kind: "validation", mustBeTrue: true}
	messages := benchmarkPass{kind: "messageExpression"}
	for _, validation := range policy.Spec.Validations {
		if err := validations.add(validation.Expression, compiler, asked); err != nil {
			return nil, err
		}
		if validation.MessageExpression != "" {
			if err := messages.add(validation.MessageExpression, compiler, asked); err != nil {
				return nil, err
			}
		}
	}
	annotations := benchmarkPass{kind: "auditAnnotation"}
	for _, annotation := range policy.Spec.AuditAnnotations {
		if err := annotations.add(annotation.ValueExpression, compiler, asked); err != nil {
			return nil, err
		}
	}
	return func() error {
		for _, pass := range []*benchmarkPass{&conditions, &validations, &messages, &annotations} {
			if err := pass.evaluate(compiler); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func (p *benchmarkPass) add(expression string, compiler plugincel.Compiler, asked question) error {
	kind := expressionKinds[p.kind]
	if p.bound == nil {
		bound, err := bindPolicy(asked, kind)
		if err != nil {
			return err
		}
		p.bound = bound
	}
	options := plugincel.OptionalVariableDeclarations{HasParams: len(asked.Params) > 0, HasAuthorizer: kind.hasAuthorizer}
	compiled := compiler.CompileCELExpression(kind.accessor(expression), options, environment.StoredExpressions)
	if compiled.Error != nil {
		return compiled.Error
	}
	p.expressions = append(p.expressions, compiled)
	return nil
}

// evaluate makes a new set of lazy variables, as the API server does for each pass.
func (p *benchmarkPass) evaluate(compiler *plugincel.CompositedCompiler) error {
	if len(p.expressions) == 0 {
		return nil
	}
	composition := compiler.CreateContext(context.Background())
	activation, err := p.bound.activation(composition)
	if err != nil {
		return err
	}
	for _, expression := range p.expressions {
		if p.mustBeTrue {
			err = mustPass(composition, expression, activation)
		} else {
			_, _, err = expression.Program.ContextEval(composition, activation)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
