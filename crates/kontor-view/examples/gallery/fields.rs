//! Sample fields of every kind.

use kontor_view::FieldView;
use kontor_view::field::{Cell, FileView, OptionView};

use super::Gallery;

/// A field with its value as text and in its control.
pub fn field(name: &str, label: &str, kind: &str, text: &str, value: &str) -> FieldView {
    FieldView {
        name: name.to_owned(),
        label: label.to_owned(),
        kind: kind.to_owned(),
        text: text.to_owned(),
        value: value.to_owned(),
        ..FieldView::default()
    }
}

/// A cell of a kind.
pub fn cell(kind: &str, text: &str) -> Cell {
    Cell { kind: kind.to_owned(), text: text.to_owned(), ..Cell::default() }
}

/// The stages of the sample process.
pub fn stages(gallery: &Gallery, current: &str) -> Vec<OptionView> {
    [
        ("qualify", "Qualify", "资格确认", "t-grey"),
        ("discover", "Discover", "需求分析", "t-blue"),
        ("propose", "Propose", "方案报价", "t-violet"),
        ("negotiate", "Negotiate", "商务谈判", "t-amber"),
        ("won", "Won", "赢单", "t-green"),
    ]
    .into_iter()
    .map(|(value, english, chinese, tone)| OptionView {
        value: value.to_owned(),
        title: gallery.say(english, chinese),
        tone: tone.to_owned(),
        selected: value == current,
        retired: false,
    })
    .collect()
}

/// One field of every kind.
pub fn all(gallery: &Gallery) -> Vec<FieldView> {
    let say = |english: &str, chinese: &str| gallery.say(english, chinese);
    let mut name = field(
        "name",
        &say("Name", "名称"),
        "text",
        &say("Packing line 4 retrofit", "四号包装线改造"),
        &say("Packing line 4 retrofit", "四号包装线改造"),
    );
    (name.required, name.full) = (true, true);
    let mut stage = field("stage", &say("Stage", "阶段"), "choice", &say("Propose", "方案报价"), "propose");
    (stage.tone, stage.options, stage.closed, stage.required) =
        ("t-violet".to_owned(), stages(gallery, "propose"), true, true);
    let mut close = field(
        "close_date",
        &say("Close date", "预计成交日期"),
        "date",
        &say("27 Mar 2026", "2026年3月27日"),
        "2026-03-27",
    );
    (close.exact, close.remark) = ("2026-03-27".to_owned(), say("in 15 days", "15 天后"));
    let mut meeting = field(
        "next_meeting",
        &say("Next meeting", "下次会议"),
        "datetime",
        &say("24 Mar 2026, 10:00", "2026年3月24日 10:00"),
        "2026-03-24T10:00",
    );
    (meeting.zone, meeting.exact) = ("Europe/Berlin".to_owned(), "2026-03-24 10:00:00 CET".to_owned());
    let mut amount = field("amount", &say("Amount", "金额"), "money", "€184,500", "184500");
    (amount.unit, amount.currencies) =
        ("EUR".to_owned(), vec![OptionView::new("EUR", "EUR", true), OptionView::new("CNY", "CNY", false)]);
    let mut probability = field("probability", &say("Probability", "成交概率"), "percent", "60%", "60");
    "%".clone_into(&mut probability.unit);
    let mut budget = field("budget", &say("Budget confirmed on", "预算确认日期"), "date", "", "2026-03-31");
    budget.problems = vec![say("Enter a date that is not in the future", "请输入不晚于今天的日期")];
    let mut weighted = field("weighted", &say("Weighted amount", "加权金额"), "money", "€110,700", "110700");
    (weighted.readonly, weighted.calculated, weighted.unit) = (true, true, "EUR".to_owned());
    let mut lines = field(
        "lines",
        &say("Product lines", "产品线"),
        "multi_choice",
        &say("Conveyors, Controls", "输送机、控制系统"),
        "",
    );
    lines.options = vec![
        OptionView::new("conveyors", say("Conveyors", "输送机"), true),
        OptionView::new("controls", say("Controls", "控制系统"), true),
        OptionView::new("vision", say("Vision", "视觉系统"), false),
    ];
    let mut account = field(
        "account",
        &say("Account", "客户"),
        "link",
        "Weidmann Antriebstechnik",
        "Weidmann Antriebstechnik",
    );
    (account.href, account.link_id, account.link_entity) =
        ("#".to_owned(), "0192".to_owned(), "account".to_owned());
    account.options = vec![
        OptionView::new("1", "Dunmore Castings", false),
        OptionView::new("2", "苏州恒力精密机械", false),
    ];
    let mut regarding =
        field("regarding", &say("Regarding", "关于"), "any_link", "Dunmore Castings", "Dunmore Castings");
    (regarding.href, regarding.link_entities) = (
        "#".to_owned(),
        vec![
            OptionView::new("account", say("Account", "客户"), true),
            OptionView::new("contact", say("Contact", "联系人"), false),
        ],
    );
    let mut owner = field("owner", &say("Owner", "负责人"), "user", "Mara Jensen", "Mara Jensen");
    (owner.options, owner.closed) =
        (vec![OptionView::new("1", "Mara Jensen", true), OptionView::new("2", "李伟 Li Wei", false)], true);
    let team =
        field("team", &say("Team", "团队"), "team", &say("Industry", "工业"), &say("Industry", "工业"));
    let mut email =
        field("email", &say("Billing e-mail", "账单邮箱"), "email", "rechnung@weidmann.example", "rechnung@");
    (email.href, email.problems) = (
        "mailto:rechnung@weidmann.example".to_owned(),
        vec![say(
            "Add the part after the @ sign, like name@company.com",
            "请补全 @ 之后的部分，例如 name@company.com",
        )],
    );
    let mut phone = field("phone", &say("Phone", "电话"), "phone", "+49 7161 555 0142", "+49 7161 555 0142");
    "tel:+4971615550142".clone_into(&mut phone.href);
    let mut site =
        field("site", &say("Web site", "网站"), "url", "weidmann.example", "https://weidmann.example");
    "https://weidmann.example".clone_into(&mut site.href);
    let retrofit = field("retrofit", &say("Retrofit", "改造项目"), "boolean", &say("Yes", "是"), "true");
    let retrofit = FieldView {
        tone: "ok".to_owned(),
        help: say("A machine of ours is already there", "现场已有我们的设备"),
        ..retrofit
    };
    let seats = field("seats", &say("Lines", "产线数量"), "integer", "1,204", "1204");
    let speed = field("speed", &say("Speed", "速度"), "decimal", "42.5", "42.5");
    let number = field("number", &say("Number", "编号"), "autonumber", "D-2481", "D-2481");
    let mut scope = field(
        "scope",
        &say("Scope", "范围"),
        "long_text",
        &say(
            "Replace the 2011 conveyor section between cartoner and palletiser.\n\nLine stop limited to one weekend.",
            "更换装盒机与码垛机之间 2011 年的输送段。\n\n停线仅限一个周末。",
        ),
        &say(
            "Replace the 2011 conveyor section between cartoner and palletiser.\n\nLine stop limited to one weekend.",
            "更换装盒机与码垛机之间 2011 年的输送段。\n\n停线仅限一个周末。",
        ),
    );
    scope.full = true;
    let mut contract = field("contract", &say("Contract", "合同"), "file", "contract.pdf", "{}");
    contract.files = vec![FileView {
        id: "1".to_owned(),
        name: "contract.pdf".to_owned(),
        size: "184 kB".to_owned(),
        place: "1".to_owned(),
        ..FileView::default()
    }];
    let signature = field("signature", &say("Signature", "签名"), "signature", "", "");
    vec![
        name,
        stage,
        close,
        meeting,
        amount,
        probability,
        budget,
        weighted,
        lines,
        account,
        regarding,
        owner,
        team,
        email,
        phone,
        site,
        retrofit,
        seats,
        speed,
        number,
        scope,
        contract,
        signature,
    ]
}
