use super::*;

#[track_caller]
fn check_error(text: &str, expected: &str) {
    let json = serde_json::from_str(text).expect("the test's own JSON");
    assert_eq!(Document::parse(json).expect_err("must fail"), expected);
}

fn warning() -> Warning {
    Warning {
        node: None,
        category: "UserWarning".to_owned(),
        message: "m".to_owned(),
    }
}

fn printed() -> Option<Box<Printed>> {
    Some(Box::new(Printed {
        stdout: b"out".to_vec(),
        stderr: vec![0xff],
    }))
}

fn documents() -> [Document; 4] {
    let outputs = vec![Value::Float(f64::NAN), Value::Bytes(vec![0, 255])];
    let failure = Failure {
        exception: Some(Box::new(Exception::new("E", "m"))),
        ..Failure::new(Kind::Python, "m").at("a")
    };
    let success = Success {
        outputs: outputs.clone(),
        graph_info: GraphInfo {
            node_count: 1,
            source_count: 1,
            sink_count: 1,
            execution_order: vec!["a".to_owned()],
        },
        warnings: vec![warning()],
        printed: None,
        phases: Some(Phases::default()),
    };
    [
        Document::Success(Success {
            printed: printed(),
            ..success.clone()
        }),
        Document::Success(success),
        Document::Error(Failed::from(failure.clone())),
        Document::Error(Failed {
            failure,
            outputs,
            warnings: vec![warning()],
            printed: printed(),
        }),
    ]
}

#[test]
fn a_document_reads_back_equal() {
    for document in documents() {
        let mut text = Vec::new();
        document.write(&mut text).unwrap();
        let json = json::read(&text, "document").unwrap();
        assert_eq!(Document::parse(json).unwrap(), document);
        let frame = document.clone().into_frame(frame::Use::Copy).to_vec();
        assert_eq!(Document::parse_frame(&frame).unwrap(), document);
    }
}

#[test]
fn an_error_says_only_what_there_is() {
    let mut text = Vec::new();
    let failed = Failed::from(Failure::new(Kind::Graph, "m"));
    Document::Error(failed).write(&mut text).unwrap();
    let expected = "{\"status\":\"error\",\"error\":{\"kind\":\"graph\",\"message\":\"m\"}}\n";
    assert_eq!(String::from_utf8(text).unwrap(), expected);
}

#[test]
fn what_is_no_result_document_says_why() {
    check_error("[]", "the document is not an object");
    check_error("{}", "`status` is missing");
    check_error(
        r#"{"status":1}"#,
        "`status` is neither \"success\" nor \"error\": 1",
    );
    check_error(
        r#"{"status":"error","error":{"kind":"fire","message":""}}"#,
        "error.kind: unknown variant `fire`, expected one of `manifest`, `graph`, `python`, `marshaling`, `execution`, `io`, `limit`, `stack`",
    );
    check_error(
        r#"{"status":"success","outputs":[]}"#,
        "missing field `graph_info`",
    );
    check_error(
        r#"{"status":"success","outputs":{}}"#,
        "outputs: expected an array",
    );
    check_error(
        r#"{"status":"success","graph_info":{"node_count":1,"source_count":1,"sink_count":1,"execution_order":[]},"warnings":[]}"#,
        "missing field `outputs`",
    );
    check_error(
        r#"{"status":"error","outcome":"raised","error":{"kind":"io","message":""}}"#,
        "outcome: unknown field `outcome`, expected one of `status`, `error`, `warnings`, `printed`",
    );
}

#[test]
fn parts_that_contradict_each_other_are_refused() {
    let error = |kind: &str, more: &str, outputs: &str| {
        format!(r#"{{"status":"error","error":{{"kind":"{kind}","message":"m"{more}}}{outputs}}}"#)
    };
    let exception = r#","exception":{"type":"E","message":"m","traceback":[]}"#;
    let missing = "error.exception is missing, where error.kind is \"python\"";
    check_error(&error("python", "", ""), missing);
    for kind in [
        "manifest",
        "graph",
        "marshaling",
        "execution",
        "io",
        "stack",
    ] {
        check_error(
            &error(kind, exception, ""),
            "error.exception goes with the kinds \"python\" and \"limit\"",
        );
    }
    for kind in ["manifest", "graph", "limit", "stack"] {
        check_error(
            &error(kind, "", r#","outputs":[]"#),
            "an error of this kind has no outputs",
        );
    }
}

#[test]
fn an_output_is_never_taken_for_a_number() {
    let text = r#"{"status":"success","outputs":[{"$serde_json::private::Number":"1"}],"graph_info":{"node_count":1,"source_count":1,"sink_count":1,"execution_order":[]},"warnings":[]}"#;
    let json = json::read(text.as_bytes(), "document").unwrap();
    let Ok(Document::Success(success)) = Document::parse(json) else {
        panic!("not read");
    };
    let key = "$serde_json::private::Number".to_owned();
    let map = Value::Map(vec![(key, Value::Str("1".to_owned()))]);
    assert_eq!(success.outputs, [map]);
}
