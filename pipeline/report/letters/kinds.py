"""Kinds of incident a letter is written for, and what each says where the facts alone do not: cause, harm that may follow, what to do.

Wording only; nothing here is a finding. What must come from the client stands in brackets: 【要記入…】.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.report.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a letter of one kind of incident says: how it happened, its cause, harm that may follow, what was done, what to ask."""

    title: str
    en: str
    outline: str
    cause: str
    harm: str
    done: str
    ask: str


_SPAM = "漏えいした連絡先を悪用した迷惑メール、不審な電話、詐欺、なりすまし等"
_CARE = "心当たりのない電話・メール・郵便物にはお答えにならず、記載されたリンクや添付ファイルを開かないようお願いいたします。"
KINDS: Mapping[str, Kind] = {
    "誤送信": Kind(
        title="電子メール・郵便物等の誤送信",
        en="wrong sending, addresses shown",
        outline="【要記入:年月日・時刻】、弊社【要記入:部署】において【要記入:送信した物・目的】をお送りする際に、"
        "【要記入:宛先を誤り/BCCに入れるべき宛先をTO・CCに入れ】、{what}。",
        cause="【要記入:原因。例 送信前の宛先確認の不足】によるものです。",
        harm=f"{_SPAM}が生じるおそれがあります。【要記入:二次被害の有無と内容】",
        done="誤って受け取られた方に対し、【要記入:削除のお願いとその確認の状況】を行いました。",
        ask=f"誤送信された情報を受け取られた場合は、開かずに削除していただきますようお願いいたします。{_CARE}",
    ),
    "紛失・盗難": Kind(
        title="記録媒体・機器・書類の紛失又は盗難",
        en="loss or theft of a medium",
        outline="【要記入:年月日】、弊社【要記入:部署】において、個人データを保存した【要記入:媒体・機器・書類】の"
        "【要記入:紛失/盗難】が判明し、{what}。",
        cause="【要記入:原因。例 持出し・保管の手順が守られていなかったこと】によるものです。",
        harm=f"媒体を取得した第三者による{_SPAM}が生じるおそれがあります。【要記入:二次被害の有無と内容、媒体の暗号化・パスワードの状況】",
        done="【要記入:捜索、遺失届・被害届、遠隔での消去・停止などの状況】を行いました。",
        ask=_CARE,
    ),
    "内部持出し": Kind(
        title="従業者等による個人データの持出し",
        en="taken out by an insider",
        outline="【要記入:年月日】、弊社の【要記入:従業者・退職者・委託先の従業者等】が、業務上の必要なく個人データを"
        "【要記入:持出しの方法】により社外へ持ち出し、{what}。",
        cause="【要記入:原因。例 アクセス権限・外部記憶媒体の管理が十分でなかったこと】によるものです。",
        harm=f"持ち出された情報を用いた勧誘、{_SPAM}が生じるおそれがあります。【要記入:第三者への提供の有無を含む二次被害の有無と内容】",
        done="【要記入:回収・削除の確認、関係者への対応、警察への相談などの状況】を行いました。",
        ask=f"心当たりのない勧誘等がありましたら、下記の窓口までお知らせください。{_CARE}",
    ),
    "不正アクセス": Kind(
        title="弊社システムへの不正アクセス",
        en="unauthorised access",
        outline="【要記入:年月日】、弊社の【要記入:システム・アカウント】に対する第三者の不正アクセスが判明し、{what}。",
        cause="【要記入:原因。例 認証情報の窃取、ソフトウェアの脆弱性】によるものです。",
        harm=f"{_SPAM}のほか、同じパスワードを用いた他のサービスへの不正なログインが生じるおそれがあります。【要記入:二次被害の有無と内容】",
        done="【要記入:遮断、認証情報の変更、外部専門家による調査、警察への相談などの状況】を行いました。",
        ask=f"【要記入:パスワード等が含まれる場合】同じパスワードを他のサービスでもお使いの場合は、速やかに変更していただきますようお願いいたします。{_CARE}",
    ),
    "ランサムウェア": Kind(
        title="ランサムウェアによる被害",
        en="ransomware",
        outline="【要記入:年月日】、弊社の【要記入:システム】において、第三者の不正アクセスによりデータが暗号化される被害(ランサムウェア被害)が判明し、{what}。",
        cause="【要記入:侵入経路と原因】によるものです。",
        harm=f"攻撃者によるデータの公開のほか、{_SPAM}が生じるおそれがあります。【要記入:公開の有無を含む二次被害の有無と内容】",
        done="【要記入:ネットワークの遮断、外部専門家による調査、復旧、警察への相談、公開の監視などの状況】を行いました。",
        ask=_CARE,
    ),
    "公開設定": Kind(
        title="設定の誤り等による公開",
        en="published by a wrong setting",
        outline="【要記入:期間】、弊社の【要記入:サービス・フォルダ・ページ】に保存した個人データが、【要記入:設定の誤り等】により"
        "外部から閲覧できる状態となり、{what}。",
        cause="【要記入:原因。例 公開範囲の設定とその確認の不足】によるものです。",
        harm=f"閲覧した第三者による{_SPAM}が生じるおそれがあります。【要記入:閲覧の記録の有無、二次被害の有無と内容】",
        done="【要記入:公開の停止、検索結果・キャッシュの削除の依頼などの状況】を行いました。",
        ask=_CARE,
    ),
    "web改ざん": Kind(
        title="ウェブサイトの改ざん",
        en="altered web page",
        outline="【要記入:期間】、弊社のウェブサイト【要記入:名称・ページ】が第三者により改ざんされ、入力された情報が外部へ送信され得る状態となり、{what}。",
        cause="【要記入:原因。例 ソフトウェアの脆弱性、管理用の認証情報の窃取】によるものです。",
        harm=f"【要記入:カード情報が含まれる場合】クレジットカードの不正な利用、また{_SPAM}が生じるおそれがあります。【要記入:二次被害の有無と内容】",
        done="【要記入:サイトの停止・修正、カード会社・決済代行会社との連携、外部専門家による調査、警察への相談などの状況】を行いました。",
        ask=f"【要記入:カード情報が含まれる場合】ご利用明細に身に覚えのない請求がないかお確かめいただき、ある場合はカード会社へご連絡ください。{_CARE}",
    ),
    "廃棄": Kind(
        title="書類・記録媒体の誤った廃棄",
        en="wrong disposal",
        outline="【要記入:年月日】、弊社【要記入:部署】において、個人データを含む【要記入:書類・媒体】を【要記入:定められた方法によらず廃棄/誤って廃棄】し、{what}。",
        cause="【要記入:原因。例 廃棄の手順とその確認の不足】によるものです。",
        harm=f"廃棄された物を取得した第三者による{_SPAM}が生じるおそれがあります。【要記入:回収・処分の状況、二次被害の有無と内容】",
        done="【要記入:廃棄業者への確認、回収・処分の証明などの状況】を行いました。",
        ask=_CARE,
    ),
    "その他": Kind(
        title="個人データの漏えい等",
        en="other",
        outline="【要記入:年月日】、弊社において【要記入:事態の概要】が判明し、{what}。",
        cause="【要記入:原因】によるものです。",
        harm=f"{_SPAM}が生じるおそれがあります。【要記入:二次被害の有無と内容】",
        done="【要記入:講じた措置】を行いました。",
        ask=_CARE,
    ),
}
# By the cause case.toml states or a ruling gives, in the decision's vocabulary.
_OF_CAUSE = {
    "misdelivery": "誤送信",
    "misdisposal": "廃棄",
    "misconfiguration": "公開設定",
    "loss": "紛失・盗難",
    "theft": "紛失・盗難",
    "insider_exfiltration": "内部持出し",
    "internal_snooping": "内部持出し",
    "unlawful_provision": "内部持出し",
    "unauthorized_access": "不正アクセス",
    "malware": "不正アクセス",
    "phishing": "不正アクセス",
    "ransomware": "ランサムウェア",
    "web_skimming": "web改ざん",
    "site_tampering": "web改ざん",
}
# Where no cause is known: by the ways the data went.
_OF_ROUTE = {
    "addresses_shown": "誤送信",
    "sent_outside": "誤送信",
    "leaked_medium": "紛失・盗難",
    "copied_to_device": "内部持出し",
    "burned": "内部持出し",
    "printed": "内部持出し",
    "uploaded": "内部持出し",
    "archived_and_sent": "不正アクセス",
    "opened_by_intruder": "不正アクセス",
    "read_from_share": "不正アクセス",
    "read_over_web": "不正アクセス",
    "read_from_database": "不正アクセス",
    "damaged": "ランサムウェア",
    "published": "公開設定",
    "page_altered": "web改ざん",
}


def kinds_of(document: Document) -> list[str]:
    """The kinds of incident of a case, in the order of `KINDS`: by the cause that is known, else by every route; `その他` where neither says."""
    cause = next((_stated(value) for name, value, _ in document.facts if name == "cause"), None)
    if cause in _OF_CAUSE:
        return [_OF_CAUSE[cause]]
    routes = {count.value for count in document.of_dimension("route")} | {
        one.route for one in document.exposed
    }
    found = {_OF_ROUTE[one] for one in routes if one in _OF_ROUTE}
    return [name for name in KINDS if name in found] or ["その他"]


def _stated(value: str) -> str:
    """A fact's value, which the table has as JSON."""
    try:
        found = json.loads(value)
    except ValueError:
        return ""
    return found if isinstance(found, str) else ""
