package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAnswers(t *testing.T) {
	const job = `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":"x"}]}}}}`
	for name, test := range map[string]struct {
		question string
		want     string
	}{
		"a number stays a whole number": {
			question: `{"kind":"bare","expression":"object.a + 1","object":{"a":41}}`,
			want:     `{"id":null,"value":42,"value_text":"int:42","type":"int","checked_type":"int","cost":3}`,
		},
		"a missing key is an error with its cost": {
			question: `{"id":"x","kind":"bare","expression":"object.b.c","object":{"a":1}}`,
			want:     `{"id":"x","error":"no such key: b","checked_type":"dyn","cost":2}`,
		},
		"an optional has a text": {
			question: `{"kind":"bare","expression":"[optional.none(), optional.of(1)]"}`,
			want:     `{"id":null,"value_error":"optional.none() dereference","value_text":"list:[optional.none(), optional.of(int:1)]","type":"list","checked_type":"list(optional_type(int))","cost":12}`,
		},
		"a quantity has a text": {
			question: `{"kind":"bare","expression":"quantity('1Gi')"}`,
			want:     `{"id":null,"value_error":"type conversion error from 'Quantity' to '*structpb.Value'","value_text":"kubernetes.Quantity:1Gi","type":"kubernetes.Quantity","checked_type":"kubernetes.Quantity","cost":1}`,
		},
		"a validation returns bool": {
			question: `{"kind":"validation","expression":"1"}`,
			want:     `{"id":null,"compile_error":"must evaluate to bool but got int"}`,
		},
		"the authorizer answers from the allow list": {
			question: `{"kind":"validation","expression":"authorizer.requestResource.check('create').allowed()","request":{"resource":{"group":"batch","version":"v1","resource":"jobs"},"namespace":"a"},"allow":[{"verb":"create","group":"batch","resource":"jobs","namespace":"a"}]}`,
			want:     `{"id":null,"value":true,"value_text":"bool:true","type":"bool","checked_type":"bool","cost":350002}`,
		},
		"a match condition has no namespace": {
			question: `{"kind":"matchCondition","expression":"namespaceObject == null","namespaceObject":{"metadata":{"name":"a"}}}`,
			want:     `{"id":null,"value":true,"value_text":"bool:true","type":"bool","checked_type":"bool","cost":2}`,
		},
		"a validation has one": {
			question: `{"kind":"validation","expression":"namespaceObject.metadata.name == 'a'","namespaceObject":{"metadata":{"name":"a"}}}`,
			want:     `{"id":null,"value":true,"value_text":"bool:true","type":"bool","checked_type":"bool","cost":4}`,
		},
		"params that are null are declared": {
			question: `{"kind":"validation","expression":"params == null","params":null}`,
			want:     `{"id":null,"value":true,"value_text":"bool:true","type":"bool","checked_type":"bool","cost":2}`,
		},
		"variables are charged apart": {
			question: `{"kind":"validation","expression":"variables.name == 'a'","variables":[{"name":"name","expression":"object.name"}],"object":{"name":"a"}}`,
			want:     `{"id":null,"value":true,"value_text":"bool:true","type":"bool","checked_type":"bool","cost":3,"variables_cost":2}`,
		},
		"a JSON patch is applied": {
			question: `{"kind":"jsonPatch","expression":"[JSONPatch{op: 'add', path: '/metadata/labels', value: {'b/' + jsonpatch.escapeKey('/'): 'c'}}]","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}}`,
			want:     `{"id":null,"value":[{"op":"add","path":"/metadata/labels","value":{"b/~1":"c"}}],"value_text":"list:[JSONPatch:{op: \"add\", path: \"/metadata/labels\", from: \"\", value: map:{string:\"b/~1\": string:\"c\"}}]","type":"list","checked_type":"list(JSONPatch)","cost":82,"patched":{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"b/~1":"c"},"name":"a"}}}`,
		},
		"an apply configuration is merged": {
			question: `{"kind":"applyConfiguration","expression":"Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, workingDir: '/'})}}}}","object":` + job + `}`,
			want:     `{"id":null,"value":{"spec":{"template":{"spec":{"containers":[{"name":"c","workingDir":"/"}]}}}},"value_text":"Object:{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"workingDir\":\"/\"}]}}}}","type":"Object","checked_type":"Object","cost":220,"patched":{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"image":"x","name":"c","workingDir":"/"}]}}}}}`,
		},
		"an unknown member is refused": {
			question: `{"kind":"bare","expresion":"1"}`,
			want:     `{"id":null,"input_error":"the line is not a question: json: unknown field \"expresion\""}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(t, test.question); got != test.want {
				t.Errorf("question %s\n got %s\nwant %s", test.question, got, test.want)
			}
		})
	}
}

func TestTheCostLimitEndsAnExpression(t *testing.T) {
	expression := "1"
	for range 6 {
		expression = "[0,1,2,3,4,5,6,7,8,9].map(x, " + expression + ")"
	}
	question, err := json.Marshal(map[string]string{"kind": "bare", "expression": expression})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, string(question)); !strings.Contains(got, "operation cancelled: actual cost limit exceeded") {
		t.Errorf("got %s", got)
	}
}

func TestALibraryThatTheAPIServerDoesNotHaveIsNotDeclared(t *testing.T) {
	for _, expression := range []string{"math.greatest(1, 2)", "cel.bind(x, 1, x)", "'a'.reverse()", "base64.encode(b'a')"} {
		got := ask(t, `{"kind":"bare","expression":"`+expression+`"}`)
		if !strings.Contains(got, `"compile_error"`) {
			t.Errorf("%s: got %s", expression, got)
		}
	}
}

// ask takes the way of a real question, encoding included.
func ask(t *testing.T, question string) string {
	t.Helper()
	var output strings.Builder
	if err := answerAll(strings.NewReader(question), &output); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(output.String())
}
