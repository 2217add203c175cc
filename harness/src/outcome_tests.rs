use super::*;

fn returned(outputs: Vec<Value>) -> Outcome {
    Ending::Returned {
        outputs,
        graph_info: GraphInfo {
            node_count: 1,
            source_count: 1,
            sink_count: 1,
            execution_order: vec!["a".to_owned()],
        },
    }
    .into()
}

fn outcomes() -> Vec<Outcome> {
    let raised = |outputs| Ending::Raised {
        failure: Failure::new(Kind::Marshaling, "m").at("a"),
        outputs,
    };
    let warning = Warning {
        node: None,
        category: "UserWarning".to_owned(),
        message: "w".to_owned(),
    };
    let file = |path: &str, kind, digest: &str| LeftFile {
        path: path.to_owned(),
        kind,
        mode: 0o644,
        size: 3,
        digest: digest.to_owned(),
    };
    let exited = Ending::Exited {
        code: -1,
        fault: Fault::Told("told".to_owned()),
    };
    let seen = |ending| Outcome {
        ending,
        phases: None,
        warnings: vec![warning.clone()],
        printed: Printed {
            stdout: b"out\n".to_vec(),
            stderr: b"\xff".to_vec(),
        },
        files: vec![
            file("a", FileKind::File, "00"),
            file("b", FileKind::Link, "a"),
        ],
    };
    vec![
        raised(Vec::new()).into(),
        seen(raised(vec![Value::Int(1)])),
        Ending::Rejected(Failure::new(Kind::Graph, "g")).into(),
        Ending::Trapped("unreachable".to_owned()).into(),
        seen(Ending::Trapped("unreachable".to_owned())),
        seen(exited),
        Ending::TimedOut.into(),
        Ending::OutOfMemory(None).into(),
        Ending::OutOfMemory(Some(Failure::new(Kind::Limit, "l"))).into(),
        Ending::Unsupported("no".to_owned()).into(),
        returned(vec![Value::Float(-0.0)]),
        seen(returned(vec![]).ending),
    ]
}

#[test]
fn canonical_documents_read_back_equal() {
    for outcome in outcomes() {
        assert_eq!(Outcome::from_json(outcome.to_json()), Ok(outcome));
    }
}

#[test]
fn an_outcome_of_another_class_than_it_says_is_refused() {
    for outcome in outcomes() {
        for class in Class::ALL {
            let mut json = outcome.to_json();
            json["outcome"] = json!(class.name());
            let read = Outcome::from_json(json.clone());
            // Of these two there may be nothing to tell but the class.
            let bare = [Class::TimedOut, Class::OutOfMemory].contains(&class)
                && json.as_object().is_some_and(|members| members.len() == 1);
            assert_eq!(read.is_ok(), class == outcome.class() || bare, "{json}");
        }
        let mut json = outcome.to_json();
        json["more"] = json!(1);
        assert!(Outcome::from_json(json.clone()).is_err(), "{json}");
    }
}

#[test]
fn every_class_has_the_name_that_files_use() {
    for class in Class::ALL {
        assert_eq!(json!(class), json!(class.name()));
    }
}
