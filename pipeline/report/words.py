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
    "age": ("年齢", "age"),
    "nationality": ("国籍", "nationality"),
    "family": ("家族・続柄", "family"),
    "occupation": ("職業", "occupation"),
    "education": ("学歴", "education"),
    "affiliation": ("勤務先・所属", "affiliation"),
    "job_title": ("役職", "job title"),
    "salary": ("給与", "salary"),
    "income": ("収入", "income"),
    "internal_id": ("学籍・受験番号など", "student and other internal numbers"),
    "sns_account": ("SNSアカウント", "account of a social network"),
    "ip_address": ("IPアドレス", "IP address"),
    "cookie_id": ("クッキー・端末ID", "cookie or device id"),
    "location": ("位置情報", "location"),
    "purchase_history": ("購入履歴", "purchase history"),
    "face_photograph": ("顔写真", "photograph of the face"),
    "password_hashed": ("パスワード(ハッシュ)", "password, hashed"),
    "credit_card_security_code": ("カードのセキュリティコード", "card security code"),
    "internet_banking_password": ("ネットバンキングのパスワード", "internet banking password"),
    "pension_number": ("基礎年金番号", "pension number"),
    "health_insurance_number": ("保険証の記号番号", "health insurance number"),
    "drivers_license_number": ("運転免許証番号", "driving licence number"),
    "passport_number": ("旅券番号", "passport number"),
    "residence_card_number": ("在留カード番号", "residence card number"),
    "identity_document": ("本人確認書類", "identity document"),
    "dispensing_record": ("調剤・投薬", "dispensing record"),
    "clinic_visit_fact": ("受診の事実", "fact of a visit to a clinic"),
    "health_guidance_fact": ("保健指導", "health guidance"),
    "health_check_attendance": ("健診の受診", "attendance of a health check"),
    "stress_check_result": ("ストレスチェック結果", "stress check result"),
    "genetic_test_result": ("遺伝子検査結果", "genetic test result"),
    "disability_certificate": ("障害者手帳", "disability certificate"),
    "criminal_conviction": ("犯罪の経歴", "criminal record"),
    "arrest_as_suspect": ("被疑者としての手続", "procedure as a suspect"),
    "crime_victim_case_opened": ("犯罪被害", "crime victim"),
    "creed": ("信条", "creed"),
    "ethnic_origin": ("人種・民族", "ethnic origin"),
    "social_status": ("社会的身分", "social status"),
    "sexual_orientation": ("性的指向", "sexual orientation"),
    "gender_identity": ("性自認", "gender identity"),
    "pregnancy": ("妊娠", "pregnancy"),
    "public_assistance": ("生活保護など", "public assistance"),
    "domestic_violence": ("DV・虐待", "domestic violence"),
    "other": ("その他", "other"),
}
# Data items that are named otherwise than their category.
ITEM: Words = CATEGORY | {
    "address": CATEGORY["postal_address"],
    "birth_date": CATEGORY["date_of_birth"],
    "surname": ("姓", "surname"),
    "given_name": ("名", "given name"),
    "surname_kana": ("姓カナ", "surname in kana"),
    "given_name_kana": ("名カナ", "given name in kana"),
    "name_romaji": ("氏名ローマ字", "romanised name"),
    "blood_type": ("血液型", "blood type"),
    "address_part": ("住所の一部", "part of an address"),
    "employer": ("勤務先", "employer"),
    "department": ("所属部署", "department"),
    "title": ("役職", "job title"),
    "student_number": ("学籍番号", "student number"),
    "credit_card_number": CATEGORY["credit_card_number_full"],
    "bank_account": CATEGORY["bank_account_number"],
    "bank_name": ("金融機関名", "bank"),
    "bank_branch": ("支店名", "branch"),
    "bank_account_kind": ("預金種目", "kind of account"),
    "bank_account_holder": ("口座名義", "account holder"),
    "yucho_account": ("ゆうちょ記号番号", "Japan Post Bank account"),
    "password": CATEGORY["password_plain"],
    "password_hash": CATEGORY["password_hashed"],
    "insurer_number": ("保険者番号", "insurer number"),
    "driving_licence": CATEGORY["drivers_license_number"],
    "passport": CATEGORY["passport_number"],
    "residence_card": CATEGORY["residence_card_number"],
    "resident_record_code": ("住民票コード", "resident record code"),
    "medical_record": ("病歴・診療情報", "medical history and treatment"),
    "dispensing": CATEGORY["dispensing_record"],
    "health_check": CATEGORY["health_check_result"],
    "stress_check": CATEGORY["stress_check_result"],
    "genetic_test": CATEGORY["genetic_test_result"],
    "disability": CATEGORY["disability_certificate"],
    "health_guidance": CATEGORY["health_guidance_fact"],
    "clinic_visit": CATEGORY["clinic_visit_fact"],
    "criminal_record": CATEGORY["criminal_conviction"],
    "arrest": CATEGORY["arrest_as_suspect"],
    "crime_victim": CATEGORY["crime_victim_case_opened"],
    "race": CATEGORY["ethnic_origin"],
}
# Why a mention may be no natural person (`mention.doubt`).
DOUBT: Words = {
    "a sample": ("記入例・見本", "a sample"),
    "a company": ("会社・団体", "a company"),
    "a mailbox of an office": ("組織の共用メール", "a mailbox of an office"),
    "a surname alone": ("姓だけの呼び方", "a surname alone"),
    "a name by the look of it": ("形だけの氏名", "a name by the look of it"),
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
    "an exposed file was damaged, and nothing of it could be read": "損壊した露出ファイルに、何も読めなかったものがある",
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
