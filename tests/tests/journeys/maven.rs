//! The real job: the Maven CRM files come in by the shipped mappings, the dirt is reported row by row, and the
//! shipped reports show the numbers that were computed independently.

use kontor_testing::answer::number;
use kontor_testing::{Answer, Api, Engine, Installation, Server, on_both_databases, repository};
use serde_json::{Value, json};

on_both_databases!(
    the_real_data_give_the_reference_numbers,
    dirt_is_reported_and_nothing_dropped,
    an_import_is_undone,
);

/// Entity, file and mapping, in the order of the walk-through in `examples/maven-crm`.
const STEPS: [(&str, &str, &str); 6] = [
    ("product", "products.csv", "products.json"),
    ("account", "accounts.csv", "accounts.json"),
    ("account", "accounts.csv", "account-parents.json"),
    ("user", "sales_teams.csv", "managers.json"),
    ("user", "sales_teams.csv", "agents.json"),
    ("deal", "sales_pipeline.csv", "deals.json"),
];

fn mapping(name: &str) -> String {
    repository::root().join("examples/maven-crm").join(name).display().to_string()
}

/// A copy of a file of the data set in the folder of the test: what is written beside it goes with the test.
fn file(installation: &Installation, name: &str) -> Option<String> {
    let bytes =
        std::fs::read(repository::data()?.join("maven-crm").join(name)).expect("a file of the data set");
    Some(installation.file(name, bytes).display().to_string())
}

async fn import(installation: &Installation, entity: &str, csv: &str, map: &str) -> kontor_testing::Finished {
    installation.run(&["import", entity, csv, "--map", map]).await
}

/// The rows of a shipped report.
async fn report(api: &Api, name: &str) -> Answer {
    api.get(&format!("reports/{name}")).await.is(200)
}

/// What a group is called: a text, or the title of a linked record.
fn called(value: &Value) -> String {
    value["title"].as_str().or(value.as_str()).unwrap_or_default().to_owned()
}

/// Each group of a report has the sum and the count of the reference, and there are as many groups.
fn agrees(answer: &Answer, dimension: &str, reference: &Value, rename: impl Fn(&str) -> String) {
    let expected = reference.as_object().expect("groups of the reference");
    assert_eq!(answer.list("/data").len(), expected.len(), "{dimension}\n{answer}");
    for (name, numbers) in expected {
        let name = rename(name);
        let row = answer
            .list("/data")
            .iter()
            .find(|row| called(&row[dimension]).starts_with(&name))
            .unwrap_or_else(|| panic!("no group {name}\n{answer}"));
        let (sum, count) = (numbers.get("sum").unwrap_or(numbers), numbers.get("count"));
        assert_eq!(number(&row["amount"]), number(sum), "{name}\n{answer}");
        if let Some(count) = count {
            assert_eq!(number(&row["deals"]), number(count), "{name}\n{answer}");
        }
    }
}

async fn the_real_data_give_the_reference_numbers(engine: Engine) {
    let Some(data) = repository::data() else { return };
    let reference = std::fs::read_to_string(data.join("reference/maven_crm.json")).expect("the reference");
    let reference: Value = serde_json::from_str(&reference).expect("JSON");
    let server = Installation::new(engine).serve().await;
    let installation = &server.installation;
    for (entity, csv, map) in STEPS {
        let csv = file(installation, csv).expect("a data set");
        import(installation, entity, &csv, &mapping(map)).await.done();
    }
    let api = server.api().await;
    for (entity, rows) in [("product", 7), ("account", 85), ("deal", 8_800), ("user", 1 + 35 + 6)] {
        assert_eq!(api.count(entity, &[]).await, rows, "{entity}");
    }
    assert_eq!(api.count("deal", &[("account[empty]", "true")]).await, 1_425, "deals without account");
    assert_eq!(api.count("account", &[("industry", "technology"), ("industry[empty]", "false")]).await, 12);

    let same = |name: &str| name.to_owned();
    agrees(&report(&api, "won_by_region").await, "region", &reference["won_by_region"], same);
    agrees(&report(&api, "won_by_manager").await, "manager", &reference["won_by_manager"], same);
    agrees(&report(&api, "won_by_agent").await, "agent", &reference["won_by_agent"], same);
    agrees(&report(&api, "won_by_month").await, "month", &reference["won_by_month_of_close"], same);
    let product = |name: &str| name.replace("GTXPro", "GTX Pro");
    let by_product = report(&api, "won_by_product").await;
    // Names begin alike ("GTX Pro", "GTX Plus Pro"), so each is looked up whole.
    for (name, numbers) in reference["won_by_product"].as_object().expect("products") {
        let row = by_product
            .list("/data")
            .iter()
            .find(|row| called(&row["product"]) == product(name))
            .unwrap_or_else(|| panic!("no product {name}\n{by_product}"));
        assert_eq!(number(&row["amount"]), number(&numbers["sum"]), "{name}");
        assert_eq!(number(&row["deals"]), number(&numbers["count"]), "{name}");
    }
    let quarters = report(&api, "won_by_quarter").await;
    let expected = reference["won_by_quarter_of_close"].as_object().expect("quarters");
    assert_eq!(quarters.list("/data").len(), expected.len(), "{quarters}");
    for (row, (name, numbers)) in quarters.list("/data").iter().zip(expected) {
        assert_eq!(number(&row["amount"]), number(&numbers["sum"]), "{name}\n{quarters}");
        assert_eq!(number(&row["deals"]), number(&numbers["count"]), "{name}\n{quarters}");
    }
    let rates = report(&api, "win_rate").await;
    for (agent, rate) in reference["win_rate_by_agent"].as_object().expect("agents") {
        let row = rates
            .list("/data")
            .iter()
            .find(|row| called(&row["agent"]) == *agent)
            .unwrap_or_else(|| panic!("no agent {agent}\n{rates}"));
        let (shown, right) = (number(&row["rate"]).expect("a rate"), number(rate).expect("a rate") * 100.0);
        assert!((shown - right).abs() <= 0.0501, "{agent}: {shown} and {right}");
    }
    let days = report(&api, "cycle_days").await;
    for row in days.list("/data") {
        let right = number(&reference["avg_cycle_days"][called(&row["stage"]).to_lowercase().as_str()])
            .expect("days");
        assert!((number(&row["days"]).expect("days") - right).abs() <= 0.00501, "{right}\n{days}");
    }
    let funnel = report(&api, "deal_funnel").await;
    for (ours, theirs) in
        [("won", "Won"), ("lost", "Lost"), ("discover", "Engaging"), ("qualify", "Prospecting")]
    {
        let row = funnel
            .list("/data")
            .iter()
            .find(|row| row["stage"].as_str() == Some(ours) || called(&row["stage"]).to_lowercase() == ours)
            .unwrap_or_else(|| panic!("no stage {ours}\n{funnel}"));
        assert_eq!(number(&row["deals"]), number(&reference["funnel"][theirs]), "{ours}\n{funnel}");
    }
    let question = json!({ "entity": "deal", "where": { "field": "stage", "eq": "won" },
        "measures": [{ "sum": "amount", "as": "total" }, { "count": true, "as": "n" }] });
    let won = api.post("query", &question).await.is(200);
    assert_eq!((won.number("/data/0/total"), won.number("/data/0/n")), (10_005_534.0, 4_238.0));

    whoever_was_imported_cannot_sign_in(&server).await;
    // Importing again finds everything and changes nothing.
    import(
        installation,
        "deal",
        &file(installation, "sales_pipeline.csv").expect("a data set"),
        &mapping("deals.json"),
    )
    .await
    .done();
    assert_eq!(api.count("deal", &[]).await, 8_800);
    // What is imported is history: nobody gets 4,238 tasks.
    assert!(api.count("activity", &[]).await < 100, "imports start no workflows");

    for format in ["csv", "svg", "xlsx"] {
        let answer = api.get(&format!("reports/won_by_region?format={format}")).await.is(200);
        assert!(!answer.text.is_empty(), "{format}");
        if format == "csv" {
            assert!(answer.text.contains("3568647"), "{answer}");
        }
        if format == "svg" {
            assert!(answer.text.contains("<svg"), "{answer}");
        }
    }
}

/// Agents without an e-mail address are users whom no sign-in finds.
async fn whoever_was_imported_cannot_sign_in(server: &Server) {
    for email in ["", "Darcel Schlecht"] {
        let visitor = server.visitor();
        let form = visitor.open("login").await.form_with("password").set("email", email).set("password", "");
        assert_eq!(visitor.submit(&form).await.status, 422);
    }
}

async fn dirt_is_reported_and_nothing_dropped(engine: Engine) {
    let Some(data) = repository::data() else { return };
    let server = Installation::new(engine).serve().await;
    let installation = &server.installation;
    for (entity, csv, map) in &STEPS[..5] {
        import(installation, entity, &file(installation, csv).expect("a data set"), &mapping(map))
            .await
            .done();
    }
    let api = server.api().await;
    // The mapping without what mends the dirt.
    let text = std::fs::read_to_string(mapping("deals.json")).expect("the mapping");
    let mut raw: Value = serde_json::from_str(&text).expect("JSON");
    raw["columns"]["product"].as_object_mut().expect("a column").remove("values");
    raw["columns"].as_object_mut().expect("columns").remove("lost_reason");
    let map = installation.file("raw.json", raw.to_string()).display().to_string();
    let csv = file(installation, "sales_pipeline.csv").expect("a data set");

    let dry = installation.run(&["import", "deal", &csv, "--map", &map, "--dry-run"]).await;
    let said = format!("{}{}", dry.out, dry.err);
    assert!(said.contains("GTXPro") && (said.contains("1,480") || said.contains("1480")), "{dry}");
    assert!(said.contains("2,473") || said.contains("2473"), "lost deals without a reason\n{dry}");
    assert_eq!(api.count("deal", &[]).await, 0, "a dry run saves nothing");

    let refused = import(installation, "deal", &csv, &map).await.failed(1);
    let saved = api.count("deal", &[]).await;
    let said = format!("{}{}", refused.out, refused.err);
    // Wrong are rows of GTXPro or lost ones; both, some of them.
    let lines = std::fs::read_to_string(data.join("maven-crm/sales_pipeline.csv")).expect("the file");
    let wrong =
        lines.lines().skip(1).filter(|line| line.contains(",GTXPro,") || line.contains(",Lost,")).count();
    assert!(
        saved == 0 || saved == 8_800 - wrong as u64,
        "every row is either saved or reported: {saved}\n{said}"
    );
    // The error file names each wrong row once, with its line and a reason.
    let error_file = said
        .split_whitespace()
        .map(|word| word.trim_matches(|letter: char| ",.:;()\"'".contains(letter)))
        .find(|word| word.contains(".csv") && !csv.ends_with(word))
        .unwrap_or_else(|| panic!("no error file is named\n{said}"))
        .to_owned();
    let path = installation.scratch().join(&error_file);
    let errors = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(
        errors.lines().count() - 1,
        wrong,
        "one line per wrong row\n{}",
        errors.lines().take(5).collect::<Vec<_>>().join("\n")
    );

    // A column that is neither mapped nor ignored is said, never silently dropped.
    let mut partial = raw.clone();
    partial["columns"].as_object_mut().expect("columns").remove("engage_date");
    let map = installation.file("partial.json", partial.to_string()).display().to_string();
    let refused = installation.run(&["import", "deal", &csv, "--map", &map, "--dry-run"]).await.failed(1);
    assert!(refused.err.contains("engage_date") || refused.out.contains("engage_date"), "{refused}");
}

async fn an_import_is_undone(engine: Engine) {
    if repository::data().is_none() {
        return;
    }
    let server = Installation::new(engine).serve().await;
    let installation = &server.installation;
    let api = server.api().await;
    let kept = api.create("account", &json!({ "name": "Acme Corporation", "employees": 5 })).await.id();
    let done = import(
        installation,
        "account",
        &file(installation, "accounts.csv").expect("a data set"),
        &mapping("accounts.json"),
    )
    .await
    .done();
    assert_eq!(api.count("account", &[]).await, 85, "the one that was there is matched by name");
    assert_eq!(api.record("account", &kept).await.number("/employees"), 2822.0);
    let id = done
        .out
        .split_whitespace()
        .rev()
        .map(|word| word.trim_matches(|letter: char| ",.:;()".contains(letter)))
        .find(|word| {
            word.len() == 36 || (!word.is_empty() && word.chars().all(|letter| letter.is_ascii_digit()))
        })
        .unwrap_or_else(|| panic!("no id of the import is printed\n{done}"))
        .to_owned();
    installation.run(&["import", "undo", &id]).await.done();
    assert_eq!(api.count("account", &[]).await, 1, "what it created is gone");
    assert_eq!(api.record("account", &kept).await.number("/employees"), 5.0, "what it changed is as before");
    installation.run(&["import", "undo", &id]).await.failed(1);
    let nonsense = installation.run(&["import", "undo", "nonsense"]).await;
    assert!(matches!(nonsense.code, Some(1 | 2)), "{nonsense}");
    for (file, reason) in [("nowhere.csv", "nowhere.csv")] {
        let refused = installation.run(&["import", "account", file]).await.failed(1);
        assert!(refused.one_line().contains(reason), "{refused}");
    }
    let refused = installation
        .run(&["import", "nonsense", &file(installation, "accounts.csv").expect("a data set")])
        .await
        .failed(2);
    assert!(refused.one_line().contains("nonsense"), "{refused}");
}
