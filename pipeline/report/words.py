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
    "medium": ("媒体", "medium"),
    "subject_kind": ("本人の種類", "kind of person"),
    "entruster": ("委託元", "entruster"),
    "deceased": ("死亡した人(別に数える)", "deceased, counted apart"),
}
MOVED: Words = {
    "evidence": ("証拠の追加", "evidence taken in"),
    "ruling": ("判断", "ruling"),
    "case": ("前提の変更", "what case.toml states"),
    "rule": ("規則・プログラムの変更", "rule or module"),
    "tool": ("版の変更", "version of the tool"),
    "review": ("名寄せの確認", "answers of a review"),
    "table": ("読み取り結果の変更", "what was read"),
}
MEDIUM: Words = {
    "own": ("自社", "the client's own"),
    "mail": ("メール", "mail"),
    "paper": ("紙", "paper"),
    "disc": ("光ディスク", "optical disc"),
}
ROUTE: Words = {
    "leaked_medium": ("紛失・回収媒体", "on the lost or recovered medium"),
    "copied_to_device": ("外部機器への複製", "copied to a device"),
    "sent_outside": ("外部への送信", "sent outside"),
    "burned": ("光ディスクへの書込", "burned to a disc"),
    "printed": ("印刷", "printed"),
    "addresses_shown": ("宛先の相互開示", "addresses shown to one another"),
    "uploaded": ("アップロード", "uploaded"),
    "archived_and_sent": ("圧縮して送信", "archived and sent"),
    "opened_by_intruder": ("侵入者による閲覧", "opened by the intruder"),
    "read_from_share": ("共有フォルダからの読出し", "read from a share"),
    "read_over_web": ("Web経由の読出し", "read over the web"),
    "read_from_database": ("データベースからの読出し", "read from a database"),
    "published": ("公開", "published"),
    "page_altered": ("ページの改ざん", "page altered"),
    "damaged": ("損壊(暗号化等)", "damaged"),
    "within_reach": ("到達可能な範囲", "within reach"),
    "ruling": ("調査者の判断", "examiner's ruling"),
}
DIRECTION: Words = {
    "for": ("漏えい等を疑わせる", "speaks for it"),
    "against": ("否定する方向", "speaks against it"),
    "from": ("期間の始め", "window begins"),
    "to": ("期間の終り", "window ends"),
}
LANE: Words = {
    "logon": ("外部からのログオン", "session from outside"),
    "cleared": ("ログ・痕跡の消去", "traces cleared"),
    "refused": ("外部からのログオン失敗", "refused, from outside"),
    "for": DIRECTION["for"],
    "from": DIRECTION["from"],
    "to": DIRECTION["to"],
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
    "deceased": ("死亡した人", "deceased"),
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
    "a page sent what visitors typed to a stranger, and no file says who they are": "入力内容を外部へ送る改ざんページがあり、入力した人はファイルからは分からない",
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
# What happened (`fact` event), why (`fact` cause), and to whom the law counts the entity.
EVENT: Words = {
    "leak": ("漏えい", "leak"),
    "loss": ("滅失", "loss"),
    "damage": ("毀損", "damage"),
    "none_internal_view": ("漏えい等なし(内部での閲覧)", "none: viewed inside"),
    "none_unlawful_use": ("漏えい等なし(目的外の利用)", "none: unlawful use"),
}
CAUSE: Words = {
    "misdelivery": ("誤送付・誤送信", "sent to the wrong person"),
    "misdisposal": ("誤廃棄", "disposed of by mistake"),
    "misconfiguration": ("設定の誤り(公開状態)", "wrong settings"),
    "loss": ("紛失", "loss"),
    "theft": ("盗難", "theft"),
    "insider_exfiltration": ("従業者等による不正な持出し", "taken out by an insider"),
    "internal_snooping": ("従業者による権限外の閲覧", "viewed by an insider"),
    "unlawful_provision": ("不正な提供", "unlawful provision"),
    "unauthorized_access": ("不正アクセス", "unauthorised access"),
    "malware": ("マルウェア", "malware"),
    "ransomware": ("ランサムウェア", "ransomware"),
    "web_skimming": ("ウェブサイトの改ざんによる入力情報の窃取", "web skimming"),
    "site_tampering": ("ウェブサイトの改ざん", "site tampered with"),
    "phishing": ("フィッシング", "phishing"),
    "other": ("その他", "other"),
    "unknown": ("不明", "unknown"),
}
ENTITY: Words = {
    "private": ("個人情報取扱事業者(民間)", "private business"),
    "administrative": ("行政機関", "administrative organ"),
    "local_government": ("地方公共団体の機関", "organ of a local government"),
    "incorporated_agency": ("独立行政法人等", "incorporated administrative agency"),
    "local_incorporated_agency": ("地方独立行政法人", "local incorporated agency"),
    "local_gov_hospital": ("地方公共団体の病院・診療所", "hospital of a local government"),
    "local_gov_university": ("地方公共団体の大学", "university of a local government"),
    "appendix_2_corporation": ("法別表第二の法人", "corporation of Appendix 2"),
    "johas_hospital": ("労働者健康安全機構の病院", "hospital of JOHAS"),
    "local_assembly": ("地方議会", "local assembly"),
    "press": ("報道機関", "press"),
    "writer": ("著述を業とする者", "writer"),
    "religious": ("宗教団体", "religious body"),
    "political": ("政治団体", "political body"),
}
TRIGGER: Words = {
    "APPI-R7-1": ("規則7条1号 要配慮個人情報", "Rules Art. 7(i), special care-required"),
    "APPI-R7-2": ("規則7条2号 財産的被害のおそれ", "Rules Art. 7(ii), property damage"),
    "APPI-R7-3": ("規則7条3号 不正の目的のおそれ", "Rules Art. 7(iii), improper purpose"),
    "APPI-R7-4": ("規則7条4号 本人の数が千人を超える", "Rules Art. 7(iv), more than 1,000 persons"),
    "APPI-R43-1": ("規則43条1号 要配慮個人情報", "Rules Art. 43(i), special care-required"),
    "APPI-R43-2": ("規則43条2号 財産的被害のおそれ", "Rules Art. 43(ii), property damage"),
    "APPI-R43-3": ("規則43条3号 不正の目的のおそれ", "Rules Art. 43(iii), improper purpose"),
    "APPI-R43-4": ("規則43条4号 本人の数が百人を超える", "Rules Art. 43(iv), more than 100 persons"),
    "APPI-R43-5": ("規則43条5号 条例要配慮個人情報", "Rules Art. 43(v), ordinance-defined special care"),
    "MN-R2-1": ("番号法規則2条1号 情報提供ネットワークシステム等", "My Number rule Art. 2(i), named systems"),
    "MN-R2-2": ("番号法規則2条2号 不正の目的のおそれ", "My Number rule Art. 2(ii), improper purpose"),
    "MN-R2-3": ("番号法規則2条3号 不特定多数の閲覧", "My Number rule Art. 2(iii), viewable by many"),
    "MN-R2-4": (
        "番号法規則2条4号 本人の数が百人を超える",
        "My Number rule Art. 2(iv), more than 100 persons",
    ),
}
# What a rule over indicators finds (`indicator.rule`).
INDICATOR: Words = {
    "bad_host": ("攻撃者の通信先との通信", "traffic with a host of intruders"),
    "blocked": ("保護ソフトによる検知・遮断(実行の跡なし)", "found and blocked, not run"),
    "copy_kept": ("元の名前の写しが残る(内容は失われていない)", "a copy under the old name is kept"),
    "denied_by_proxy": ("プロキシによるファイル共有の拒否", "sharing services refused by the proxy"),
    "disc_burned": ("光ディスクへの書込み", "a disc was written"),
    "insider_concealed": ("持出しの後のログ・痕跡の消去", "a taking, and traces cleared"),
    "insider_takeout": ("内部の者による持出し", "taken out by somebody of the house"),
    "little_sent": ("期間中の送信量は一日1MB未満", "no megabyte sent within a day"),
    "no_upload_by_proxy": ("プロキシの記録に大きな送信なし", "no upload in the proxy's log"),
    "not_run": ("マルウェアは実行された跡がない", "malware of which nothing says that it ran"),
    "noticed_by_others": ("公的機関・専門家等からの連絡", "a notice from outside"),
    "page_sends_input": ("入力内容を外部へ送るページ", "a page that sends what visitors type"),
    "stealing_malware_found": ("情報を盗むプログラムの存在", "a stealing tool lies there"),
    "stealing_malware_ran": ("情報を盗むプログラムの実行", "a stealing tool ran"),
    "theft_traces": ("窃取の痕跡", "traces of theft"),
    "window_from": ("期間の始めを示す痕跡", "a first trace"),
    "window_from_stated": ("期間の始め(事案の設定)", "the window begins, as stated"),
    "window_to": ("期間の終りを示す痕跡", "a last trace"),
    "window_to_stated": ("期間の終り(事案の設定)", "the window ends, as stated"),
}


def medium(value: str) -> tuple[str, str]:
    """A medium of `affected_count` or of an exposure in words: what kind it is, and which."""
    if value in MEDIUM:
        return MEDIUM[value]
    kind, _, name = value.partition(":")
    if kind == "device":
        of, _, told = name.partition(":")
        serial = told if of == "serial" else name
        return f"外部機器({serial})", f"device {serial}"
    if kind == "item":
        return f"証拠の媒体({name})", f"evidence item {name}"
    return value, value
