//! Pushes that are pushed again because the reply was lost take effect once.

use super::script::{Stage, check, limits, rules};

#[test]
fn the_same_msg_id_takes_effect_once_and_is_answered_the_same() {
    check(
        r#"
        ada> ["1","1","room:r","phx_join",{}]
        ada< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","2","room:r","client_helo",{"name":"ada","msg_id":"00000000-0000-0000-0000-000000000001"}]
        ada< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}]
        ada< ["1","2","room:r","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"ada"}}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}},"leaves":{}}]
        ada> ["1","3","room:r","client_helo",{"name":"ada","msg_id":"00000000-0000-0000-0000-000000000001"}]
        ada< ["1",null,"room:r","presence_state",{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}]
        ada< ["1","3","room:r","phx_reply",{"status":"ok","response":{"id":"<ada>","name":"ada"}}]

        ada> ["1","4","room:r","client_response",{"message":1,"recipient":"<ada>","msg_id":"00000000-0000-0000-0000-000000000002"}]
        ada< ["1",null,"room:r","client_response",{"message":1,"recipient":"<ada>","client_session_id":"<ada>"}]
        ada< ["1","4","room:r","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","5","room:r","client_response",{"message":1,"recipient":"<ada>","msg_id":"00000000-0000-0000-0000-000000000002"}]
        ada< ["1","5","room:r","phx_reply",{"status":"ok","response":{}}]
        ada> ["1","6","room:r","client_status",{"state":"away","msg_id":"00000000-0000-0000-0000-000000000003"}]
        ada< ["1","6","room:r","phx_reply",{"status":"ok","response":{}}]
        ada< [null,null,"room:r","presence_diff",{"joins":{"<ada>":{"metas":[{"name":"ada","state":"away","phx_ref":"@2","phx_ref_prev":"@1","online_at":"1000"}]}},"leaves":{"<ada>":{"metas":[{"name":"ada","phx_ref":"@1","online_at":"1000"}]}}}]
        ada> ["1","7","room:r","client_status",{"state":"away","msg_id":"00000000-0000-0000-0000-000000000003"}]
        ada< ["1","7","room:r","phx_reply",{"status":"ok","response":{}}]

        # what was refused has taken no effect, and may take it later
        ada> ["1","8","room:r","client_broadcast",{"msg_id":"00000000-0000-0000-0000-000000000004"}]
        ada< ["1","8","room:r","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        bob> ["1","1","room:r","phx_join",{}]
        bob< ["1","1","room:r","phx_reply",{"status":"ok","response":{}}]
        bob> ["1","2","room:r","client_broadcast",{"message":1,"msg_id":"7"}]
        bob< ["1","2","room:r","phx_reply",{"status":"error","response":{"reason":"invalid_payload"}}]
        bob> ["1","3","room:r","client_broadcast",{"message":1,"msg_id":"00000000-0000-0000-0000-000000000004"}]
        bob< ["1","3","room:r","phx_reply",{"status":"error","response":{"reason":"helo_required"}}]
        ada> ["1","9","room:r","client_broadcast",{"message":1,"msg_id":"00000000-0000-0000-0000-000000000004"}]
        ada< ["1","9","room:r","phx_reply",{"status":"ok","response":{}}]
        "#,
    );
}

#[test]
fn a_push_is_known_again_after_a_resume() {
    let mut stage = Stage::new(rules(), limits());
    stage.enter("bob", "room:r");
    stage.say("ada", r#"["1","1","room:r","phx_join",{"resumable":true}]"#);
    stage.say("ada", r#"["1","2","room:r","client_helo",{"name":"ada"}]"#);
    let push = r#"["1","3","room:r","client_broadcast",{"message":1,"msg_id":"00000000-0000-0000-0000-000000000004"}]"#;
    assert_eq!(stage.say("ada", push).len(), 2);
    stage.gone("ada");
    stage.say(
        "ada'",
        r#"["1","1","room:r","phx_join",{"resumable":true,"resume":{"token":"<token ada>","epoch":"<epoch 1>","seq":3}}]"#,
    );
    let ok = r#"ada'< ["1","3","room:r","phx_reply",{"status":"ok","response":{}}]"#;
    assert_eq!(stage.say("ada'", push), [ok]); // and bob hears nothing
}
