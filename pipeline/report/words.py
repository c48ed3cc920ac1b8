"""Words of the report in Japanese and English, by the names the tables use."""

from __future__ import annotations

Words = dict[str, tuple[str, str]]

GRADE: Words = {
    "confirmed": ("確認", "confirmed: seen leaving"),
    "likely": ("蓋然(確認を含む)", "likely, with confirmed"),
    "possible": ("最大(可能性を含む)", "possible: the maximum"),
    "excluded": ("除外(判断による)", "excluded by a ruling"),
}
REPORTABLE: Words = {
    "true": ("報告対象", "reportable"),
    "false": ("報告対象ではない", "not reportable"),
    "undetermined": ("未確定", "undetermined"),
}
DIMENSION: Words = {
    "category": ("区分", "category"),
    "item": ("項目", "data item"),
    "document": ("文書", "document"),
    "route": ("経路", "route"),
    "subject_kind": ("本人の種類", "kind of person"),
}
ROUTE: Words = {
    "leaked_medium": ("紛失・回収媒体", "on the lost or recovered medium"),
    "copied_to_device": ("外部機器への複製", "copied to a device"),
    "sent_outside": ("外部への送信", "sent outside"),
    "ruling": ("調査者の判断", "examiner's ruling"),
}
ACT: Words = {
    "opened": ("開封", "opened"),
    "ran": ("実行", "ran"),
    "downloaded": ("書込", "written"),
    "deleted": ("削除", "deleted"),
}
LINK: Words = {
    "proved": ("確実(ボリューム一致)", "proved: the volume is named"),
    "likely": ("蓋然(文字と時刻)", "likely: letter and time"),
    "possible": ("可能性(文字のみ)", "possible: letter alone"),
}
KIND: Words = {
    "unreadable": ("読取不能", "unreadable"),
    "unrecognised": ("形式不一致", "not what its name says"),
    "unsupported": ("未対応形式", "no parser"),
    "damaged": ("破損", "damaged"),
    "truncated": ("途中で切断", "truncated"),
    "locked": ("暗号化・保護", "locked"),
    "ambiguous": ("不確定", "ambiguous"),
    "limit": ("上限到達", "limit reached"),
    "crashed": ("解析中断", "parser ended"),
}
OUTCOME: Words = {
    "parsed": ("読取済", "read"),
    "partial": ("一部読取", "read in part"),
    "failed": ("失敗", "failed"),
    "empty": ("該当行なし", "read, no row"),
    "missing": ("未発見(あるはず)", "expected, not found"),
    "absent": ("なし", "none on this item"),
}
CATEGORY: Words = {
    "name": ("氏名", "name"),
    "name_kana": ("氏名カナ", "name in kana"),
    "postal_address": ("住所", "address"),
    "postal_code": ("郵便番号", "postal code"),
    "phone": ("電話番号", "telephone"),
    "email": ("メールアドレス", "mail address"),
    "date_of_birth": ("生年月日", "date of birth"),
    "sex": ("性別", "sex"),
    "customer_number": ("会員・顧客番号", "customer number"),
    "employee_number": ("社員番号", "employee number"),
    "credit_card_number_full": ("カード番号(全桁)", "card number, full"),
    "credit_card_last4": ("カード番号下4桁", "card number, last four"),
    "credit_card_expiry": ("カード有効期限", "card expiry"),
    "bank_account_number": ("口座番号", "bank account"),
    "my_number": ("個人番号", "My Number"),
    "login_id": ("ログインID", "login"),
    "password_plain": ("パスワード(平文)", "password"),
    "medical_treatment_record": ("診療情報", "medical record"),
    "health_check_result": ("健診結果", "health check result"),
}
# Data items that are named otherwise than their category.
ITEM: Words = CATEGORY | {
    "address": CATEGORY["postal_address"],
    "birth_date": CATEGORY["date_of_birth"],
    "surname": ("姓", "surname"),
    "given_name": ("名", "given name"),
    "card_number": CATEGORY["credit_card_number_full"],
    "card_last4": CATEGORY["credit_card_last4"],
    "card_expiry": CATEGORY["credit_card_expiry"],
    "bank_account": CATEGORY["bank_account_number"],
    "password": CATEGORY["password_plain"],
}
LEVEL: Words = {
    "critical": ("緊急", "critical"),
    "high": ("高", "high"),
    "medium": ("中", "medium"),
    "low": ("低", "low"),
    "informational": ("参考", "informational"),
}
# What came of the rules over events.
EVENT_OUTCOME: Words = {
    "matched": ("一致あり", "matched"),
    "no_match": ("一致なし", "no match"),
    "no_events": ("対象ログなし(調べられず)", "no events of the source: could not look"),
    "unsupported": ("未対応の規則", "unsupported"),
}
SUBJECT: Words = {
    "customer": ("顧客・会員", "customer"),
    "employee": ("従業者", "employee"),
    "contact": ("連絡先", "contact"),
    "unknown": ("不明", "unknown"),
}
# What keeps a count open, by the words of `affected_count.open_reasons` before their colon.
OPEN = {
    "an exposed document was not read whole": "露出した文書に、最後まで読めなかったものがある",
    "an exposed entry has a problem": "露出した項目に、読み取りの問題がある",
    "a sheet looks as if it held persons, but no column of it was recognised": "人の情報に見えるのに、列を認識できなかった表がある",
    "an item, or a part of it, could not be used": "使用できなかった証拠、又はその一部がある",
    "traces that would show an exposure could not be looked at": "露出を示し得る痕跡を調べられなかった",
    "nothing of this grade was found exposed, which is not a count of nobody": "この確度の露出は見つかっていない(ゼロ人とは言えない)",
    "no person was recognised in what is exposed, look at it and rule": "露出した文書から本人を認識できていない(目視と判断が必要)",
}
VALUE = {"true": "該当", "false": "非該当", "undetermined": "未確定"}
NOTIFY = {
    "true": "要 required",
    "false": "不要 not required",
    "undetermined": "未確定 undetermined",
    "alternative_measures": "代替措置 alternative measures",
    "deferred": "保留可 may wait",
}
