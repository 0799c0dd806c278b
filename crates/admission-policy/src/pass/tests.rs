use bumpalo::Bump;
use serde_json::{Value, json};

use super::*;
use crate::context::Context;
use crate::set::PolicySet;
use crate::testing::{World, bound};

/// A policy whose validations are these expressions, with three variables of which `sum` reads
/// `outer`, and `outer` reads `items`.
fn policy(expressions: &[&str]) -> PolicySet {
    let validations: Vec<Value> = expressions
        .iter()
        .map(|expression| json!({"expression": expression}))
        .collect();
    bound(json!({
        "variables": [
            {"name": "items", "expression": "object.items.filter(i, i != 0)"},
            {"name": "outer", "expression": "variables.items.map(a, variables.items.map(b, [a, b]))"},
            {"name": "sum", "expression": "variables.outer.map(row, row.filter(p, p[0] == p[1]))"},
            {"name": "may", "expression": "authorizer.path('/a').check('get').allowed()"}
        ],
        "validations": validations
    }))
}

/// A pass over the first policy that remembers nothing yet.
fn new_pass<'a, 's>(
    set: &'a PolicySet,
    inputs: &'s Inputs<'a>,
    context: &Context<'a, 's>,
    arena: &'a Bump,
) -> Pass<'a, 's> {
    let variables = &set.validating()[0].definition.variables;
    let memory = Memory::new(set.validating_shared(), arena);
    Pass::new(inputs, variables, memory, context.authorizer, arena)
}

/// Evaluates validations of a policy, in this order, and says what they cost.
fn spent<'a>(pass: &Pass<'a, '_>, set: &'a PolicySet, order: &[usize]) -> u64 {
    let mut budget = Budget::new(COST_BUDGET);
    for index in order {
        let program = &set.validating()[0].validations[*index].program;
        let _ = pass
            .evaluate(program, &mut budget)
            .expect("the budget is ample");
    }
    COST_BUDGET - budget.remaining()
}

fn value<'a>(pass: &Pass<'a, '_>, program: &'a Program) -> Result<Option<bool>, Failure> {
    pass.evaluate(program, &mut Budget::new(COST_BUDGET))
        .expect("the budget is ample")
        .map(|value| value.as_bool())
}

const READS: &[&str] = &[
    "variables.items == []",
    "variables.outer == []",
    "variables.sum == []",
    "variables.may",
];

#[test]
fn another_pass_costs_what_a_new_one_costs() {
    let set = policy(READS);
    let definition = &set.validating()[0].definition;
    let orders: &[&[usize]] = &[
        &[0],
        &[1],
        &[2],
        &[0, 1, 2],
        &[2, 1, 0],
        &[1, 1, 2],
        &[3, 2],
    ];
    let world = World::creating(json!({"items": [0, 1, 2, 3]}));
    for first in orders {
        for second in orders {
            let arena = Bump::new();
            world.ask_in(&arena, |request, context| {
                let inputs = Inputs::new(definition, request, context, None, &arena);
                let new = || new_pass(&set, &inputs, context, &arena);
                let pass = new();
                spent(&pass, &set, first);
                assert_eq!(
                    spent(&pass.again(), &set, second),
                    spent(&new(), &set, second),
                    "{first:?}, then {second:?}"
                );
                assert_eq!(
                    spent(&pass.again_without_authorizer(), &set, second),
                    spent(&new().again_without_authorizer(), &set, second),
                    "{first:?}, then without authorizer {second:?}"
                );
            });
        }
    }
}

#[test]
fn variables_that_ask_the_authorizer_fail_in_passes_that_may_not_and_only_there() {
    let set = policy(READS);
    let definition = &set.validating()[0].definition;
    let program = &set.validating()[0].validations[3].program;
    let arena = Bump::new();
    World::creating(json!({})).ask_in(&arena, |request, context| {
        let inputs = Inputs::new(definition, request, context, None, &arena);
        let pass = new_pass(&set, &inputs, context, &arena);
        let refused = Failure::Error(
            "expression 'variables.may' resulted in error: composited variable \"may\" fails to \
             evaluate: no such attribute(s): authorizer"
                .to_owned(),
        );
        let messages = pass.again_without_authorizer();
        assert_eq!(value(&pass, program), Ok(Some(true)));
        assert_eq!(value(&messages, program), Err(refused));
        assert_eq!(value(&pass.again(), program), Ok(Some(true)));
    });
}

#[test]
fn a_computed_name_finds_later_variables_and_never_the_variable_itself() {
    let set = bound(json!({
        "variables": [
            {"name": "early", "expression": "dyn(variables)['late']"},
            {"name": "late", "expression": "object.flag"},
            {"name": "itself", "expression": "dyn(variables)['itself']"},
            {"name": "circle", "expression": "dyn(variables).exists(v, v == 1)"}
        ],
        "validations": [
            {"expression": "variables.early == true"},
            {"expression": "variables.itself == true"},
            {"expression": "variables.circle"}
        ]
    }));
    let definition = &set.validating()[0].definition;
    let arena = Bump::new();
    World::creating(json!({"flag": true})).ask_in(&arena, |request, context| {
        let inputs = Inputs::new(definition, request, context, None, &arena);
        let pass = new_pass(&set, &inputs, context, &arena);
        for pass in [&pass, &pass.again_without_authorizer()] {
            let given: Vec<_> = set.validating()[0]
                .validations
                .iter()
                .map(|validation| value(pass, &validation.program))
                .collect();
            assert_eq!(given[0], Ok(Some(true)));
            for failed in &given[1..] {
                let Err(Failure::Error(text)) = failed else {
                    panic!("{failed:?}");
                };
                assert!(text.contains("a variable cannot read itself"), "{text}");
            }
        }
    });
}
