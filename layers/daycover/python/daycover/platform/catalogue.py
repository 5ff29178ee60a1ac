"""Every problem a caller can meet: one row per error class. `docs/problems.md` says what to do about each."""

from daycover.platform.problems import Problem

MALFORMED = Problem(
    400,
    "请求不是有效的 JSON",
    "The request is not valid JSON",
    "请检查请求体的语法。",
    "Check the syntax of the body.",
)
INVALID = Problem(
    422,
    "请求内容不符合要求",
    "The request content is invalid",
    "请按 errors 中的说明修改后重试。",
    "Correct what `errors` lists and send it again.",
)
TOO_LARGE = Problem(
    413,
    "请求体过大",
    "The request body is too large",
    "请求体不得超过 {limit_bytes} 字节;材料请用上传地址直接上传。",
    "The body may have {limit_bytes} bytes at most; upload documents to their upload address.",
)
FORBIDDEN = Problem(403, "您无权进行此操作", "Your role may not do this")
INTERNAL = Problem(
    500,
    "系统出现问题",
    "Something went wrong on our side",
    "请稍后重试;如仍有问题,请提供 instance 编号。",
    "Try again later; if it persists, quote the instance number.",
)
GENERAL: dict[int, tuple[str, Problem]] = {
    400: ("bad-request", Problem(400, "请求有误", "The request is wrong")),
    401: ("unauthenticated", Problem(401, "请先登录", "Sign in first")),
    403: ("forbidden", FORBIDDEN),
    404: ("not-found", Problem(404, "没有找到", "Not found")),
    405: ("method-not-allowed", Problem(405, "不支持该方法", "Method not allowed")),
    413: ("body-too-large", Problem(413, "请求体过大", "The request body is too large")),
    415: (
        "unsupported-content-type",
        Problem(
            415,
            "不支持的内容类型",
            "Unsupported content type",
            "请以 application/json 发送。",
            "Send application/json.",
        ),
    ),
    429: ("too-many-requests", Problem(429, "请求过于频繁", "Too many requests", retry_after=5)),
    503: ("unavailable", Problem(503, "服务暂时不可用", "Temporarily unavailable", retry_after=5)),
}

ACCESS: dict[str, Problem] = {
    "LoginCodeError": Problem(
        401,
        "登录凭证无效",
        "The login code is not valid",
        "登录凭证只能使用一次,五分钟内有效,请重新登录。",
        "A login code works once, within five minutes. Sign in again.",
    ),
    "ClientCredentialsError": Problem(401, "客户端凭证无效", "The client credentials are not valid", "", ""),
    "StaffTokenError": Problem(401, "员工身份令牌无效", "The staff identity token is not valid", "", ""),
    "MiniProgramUnavailableError": Problem(
        503, "微信登录暂时不可用", "WeChat sign-in is temporarily unavailable", retry_after=3
    ),
    "OidcUnavailableError": Problem(
        503, "员工登录暂时不可用", "Staff sign-in is temporarily unavailable", retry_after=3
    ),
    "CompanyNotAuthorisedError": Problem(
        403,
        "该劳务公司未授权贵方",
        "This labour company has not authorised you",
        "请先由劳务公司完成授权。",
        "The company must grant the authorisation first.",
    ),
    "StoreUnavailableError": Problem(
        503, "服务暂时不可用", "Temporarily unavailable", "请稍后重试。", "Try again shortly.", retry_after=2
    ),
    "ArchiveDamagedError": Problem(
        503,
        "该保单的存档记录正在修复",
        "The archived record of this policy is being restored",
        "存档与其校验值不符,暂不展示。保单本身不受影响,请稍后再试;急需证明或理赔,请致电理赔热线。",
        "The record does not match its checksum, so it is not shown. The policy itself is not affected. Try again "
        "later; if you need proof or a claim now, call the claims hotline.",
        retry_after=3600,
        counted_as="ArchiveConflict",
    ),
    "PageTokenError": Problem(400, "分页标记无效", "The page token is not valid"),
    "ConcurrentChangeError": Problem(
        409,
        "内容刚刚被修改",
        "It was changed in the meantime",
        "请重新读取后再操作。",
        "Read it again, then repeat the operation.",
    ),
}

COVER: dict[str, Problem] = {
    "ProjectNotFoundError": Problem(404, "没有找到该项目", "No such project"),
    "ProjectTransitionError": Problem(
        409,
        "项目当前状态不允许此操作",
        "The project's status does not allow this",
        "项目状态为 {status}。",
        "The project is {status}.",
    ),
    "ProjectNotOpenError": Problem(
        409,
        "项目未开放投保",
        "The project is not open",
        "项目状态为 {status},目前没有保障,请联系劳务公司后再开工。",
        "The project is {status}: there is no cover now. Ask the labour company before you start work.",
    ),
    "ProjectNotRunningError": Problem(
        409,
        "不在项目日期内",
        "Outside the project's dates",
        "项目日期为 {starts_on} 至 {ends_on}。",
        "The project runs from {starts_on} to {ends_on}.",
    ),
    "QrTokenInvalidError": Problem(
        400,
        "二维码无效",
        "The QR code is not ours",
        "请扫描项目现场张贴的投保二维码。",
        "Scan the insurance code posted at the project's gate.",
    ),
    "QrTokenExpiredError": Problem(
        410,
        "二维码已过期",
        "The QR code has expired",
        "请扫描最新的投保二维码。",
        "Scan the current code at the gate.",
    ),
    "QrTokenRevokedError": Problem(
        410,
        "二维码已作废",
        "The QR code was revoked",
        "该二维码已被劳务公司更换,请扫描最新的投保二维码。",
        "The labour company replaced this code. Scan the current one at the gate.",
    ),
    "OutsideGeofenceError": Problem(
        422,
        "不在项目现场",
        "You are not at the site",
        "您距离项目现场约 {distance_m} 米,允许范围为 {radius_m} 米。",
        "You are about {distance_m} m from the site; {radius_m} m are allowed.",
    ),
    "CheckInTooEarlyError": Problem(
        409,
        "还没有到打卡时间",
        "It is too early to check in",
        "请在 {opens_at} 之后再次扫码。",
        "Come back and scan again after {opens_at}.",
    ),
    "AgeOutOfRangeError": Problem(
        422,
        "年龄不符合投保要求",
        "The age is outside the insurable range",
        "投保年龄为 {minimum} 至 {maximum} 周岁。",
        "Cover is for ages {minimum} to {maximum}.",
    ),
    "MinorInHazardousWorkError": Problem(
        422,
        "未成年人不得从事该工种",
        "This work is not for minors",
        "职业类别 {occupation_class} 须年满 {minimum} 周岁。目前没有保障,请勿开工,并联系现场负责人。",
        "Class {occupation_class} is for ages from {minimum}. There is no cover: do not start, ask the foreman.",
    ),
    "PersonalDataLockedError": Problem(
        409,
        "您的个人信息已按您的申请锁定",
        "Your personal data is locked at your request",
        "自 {locked_at} 起只为法定保存而保留,不再用于投保,目前没有保障。如要恢复投保,请先撤回删除申请。"
        "已有保单仍可查看和理赔。",
        "Since {locked_at} it is kept for the law alone and used for nothing new; there is no cover now. To be "
        "insured again, withdraw the request. Your policies stay visible and claimable.",
    ),
    "DocumentReferredError": Problem(
        409,
        "该证件须人工核验",
        "This document is checked by people",
        "微工卡只能核验居民身份证。目前没有保障,请申请人工核验:现场负责人核对证件,保险公司确认后即时生效。",
        "The work card knows resident IDs only. There is no cover now: ask for a referral; the foreman checks your "
        "document, the insurer approves, and cover begins at once.",
    ),
    "ReferralNotFoundError": Problem(404, "没有找到该人工核验申请", "No such referral"),
    "ReferralClosedError": Problem(
        409,
        "该人工核验申请不在此步骤",
        "The referral does not wait for this step",
        "申请状态为 {referral_status}。30 分钟内未完成的申请自动失效,可以重新申请。",
        "The referral is {referral_status}. One that is not answered within 30 minutes ends; it can be asked anew.",
    ),
    "AlreadyCoveredError": Problem(
        409,
        "您在该项目已有保障",
        "You are covered on this project",
        "现有保单继续有效,无需人工核验。",
        "The policy in force goes on; there is nothing to refer.",
    ),
    "ReferralNotNeededError": Problem(
        409,
        "该工种无需人工核保",
        "This occupation needs no underwriter",
        "职业类别 {occupation_class} 可以直接打卡投保;如打卡不成,请按遇到的原因申请人工核验。",
        "Class {occupation_class} is insured by checking in; where that fails, ask for a referral with that reason.",
    ),
    "ResidentIdError": Problem(
        422,
        "身份证号码有误",
        "The resident ID number is not valid",
        "请核对身份证号码(18 位,末位为校验码)。",
        "Check the 18 digits of the resident ID; the last is a check digit.",
    ),
    "IdentityRequiredError": Problem(
        422,
        "需要姓名和身份证号码",
        "Name and resident ID number are needed",
        "首次打卡请填写姓名和身份证号码。",
        "The first check-in needs your name and resident ID number.",
    ),
    "NameMismatchError": Problem(
        409,
        "姓名或身份证号码与微信实名不一致",
        "Name or ID number does not match the WeChat real name",
        "请用本人微信和本人身份信息重新打卡;确属本人的,可申请人工核验。",
        "Check in again with your own account and identity; if they are, ask for a referral.",
    ),
    "FaceCheckFailedError": Problem(
        409,
        "人脸核验未通过",
        "The face check failed",
        "目前没有保障。请重新打卡;多次失败可申请人工核验,由现场负责人和保险公司确认。",
        "There is no cover now. Check in again; after several failures ask for a referral to foreman and insurer.",
    ),
    "CheckInExpiredError": Problem(
        409,
        "打卡已超时",
        "The check-in has expired",
        "核验需在 {seconds} 秒内完成,请重新扫码打卡。",
        "The face check must be done within {seconds} seconds. Scan and check in again.",
    ),
    "SumInsuredLimitError": Problem(
        409,
        "累计保额已达上限",
        "The sum insured has reached its limit",
        "您当前有效保单的保额合计不能超过 {limit_yuan} 元,已有保单继续有效。",
        "Your sums insured in force may not exceed {limit_yuan} yuan together. Existing policies stay valid.",
    ),
    "CheckInNotFoundError": Problem(404, "没有找到该打卡记录", "No such check-in"),
    "ConsentMissingError": Problem(
        422,
        "缺少同意记录",
        "Consent is missing",
        "请先阅读并同意以下内容:{kinds}。",
        "Read and accept first: {kinds}.",
    ),
    "ConsentWithdrawnError": Problem(
        409,
        "您已撤回同意",
        "You have withdrawn your consent",
        "本次打卡不再有效,目前没有保障。如需投保,请重新扫码并同意后再打卡。",
        "This check-in no longer counts and there is no cover now. To be covered, scan, consent and check in anew.",
    ),
    "ConsentTextChangedError": Problem(
        409,
        "条款内容已更新",
        "The consent text has changed",
        "请重新扫码,阅读最新内容后再同意。",
        "Scan again, read the current text, then accept.",
    ),
    "OccupationRefusedError": Problem(
        422,
        "该工种暂不承保",
        "This occupation is not insured",
        "{reason_zh}。请勿在无保障情况下开工。",
        "{reason_en}. Do not start work uninsured.",
    ),
    "OccupationReferredError": Problem(
        409,
        "该工种需人工核保",
        "This occupation needs an underwriter",
        "{reason_zh}。请申请人工核验:现场负责人核对证件,保险公司批准后即时生效。批准之前没有保障,请勿开工。",
        "{reason_en}. Ask for a referral: the foreman checks your document, the insurer approves, and cover begins "
        "at once. There is no cover before; do not start work.",
    ),
    "OccupationUnknownError": Problem(
        422, "未知工种", "Unknown occupation", "工种代码 {code} 不在职业表中。", "{code} is not in the table."
    ),
    "PlanUnknownError": Problem(
        422, "未知保障计划", "Unknown plan", "保障计划 {plan_id} 不存在。", "There is no plan {plan_id}."
    ),
    "PlanNotOfferedError": Problem(
        422,
        "该职业类别不能选择此计划",
        "The plan is not offered to this occupation class",
        "职业类别 {occupation_class} 不能投保计划 {plan_id}。",
        "Class {occupation_class} cannot take plan {plan_id}.",
    ),
    "WorkCardLimitError": Problem(
        429,
        "今日打卡次数已达上限",
        "The day's check-in attempts are used up",
        "每人每天最多 20 次。目前没有保障,请申请人工核验,由现场负责人和保险公司确认。",
        "At most 20 a day and person. There is no cover now: ask for a referral to foreman and insurer.",
        retry_after=3600,
    ),
    "WorkCardRefusedError": Problem(
        409,
        "微工卡未受理",
        "The work card did not accept this",
        "微工卡返回 {code}。目前没有保障,请联系劳务公司。",
        "The work card answered {code}. There is no cover now; ask the labour company.",
    ),
    "WorkCardUnavailableError": Problem(
        503,
        "微工卡暂时不可用",
        "The work card is temporarily unavailable",
        "目前没有保障,请稍后重试。",
        "There is no cover now. Try again shortly.",
        retry_after=3,
    ),
    "PolicyNotFoundError": Problem(404, "没有找到该保单", "No such policy"),
    "PolicyInForceError": Problem(
        409,
        "保障已开始,不能取消",
        "The cover has begun and cannot be cancelled",
        "保障期间为 {starts_at} 至 {ends_at}。生效前可以取消并全额退费,生效后不退费,保障继续有效。",
        "It runs from {starts_at} to {ends_at}. It could be cancelled before its start; now it stays in force.",
    ),
    "PolicyTransitionError": Problem(
        409,
        "保单当前状态不允许此操作",
        "The policy's status does not allow this",
        "保单状态为 {policy_status}。",
        "The policy is {policy_status}.",
    ),
    "CertificateUnavailableError": Problem(
        409,
        "该保单不能出具凭证",
        "This policy has no certificate",
        "保单状态为 {policy_status},不再提供保障。如有疑问请拨打 95511。",
        "The policy is {policy_status} and gives no cover. If in doubt call 95511.",
    ),
    "StatementNotFoundError": Problem(404, "没有找到该日账单", "No statement for that day"),
    "CoverNotAvailableError": Problem(
        409,
        "目前无法投保",
        "No cover can be bought now",
        "您现在没有保障,请勿开工。请联系劳务公司或现场负责人,恢复投保后再次扫码。",
        "You are not covered now; do not start work. Ask the labour company or the foreman, then scan again.",
    ),
    "StatementOpenError": Problem(
        409,
        "账单尚未结出",
        "The statement is still open",
        "该日账单将于 {closes_at} 结出,此前不能登记付款。",
        "The day's statement is final at {closes_at}; a payment can be recorded after that.",
    ),
    "PaymentAmountError": Problem(
        422,
        "付款金额与账单不符",
        "The amount is not the statement's total",
        "账单应付 {premium_fen} 分。",
        "The statement's total is {premium_fen} fen.",
    ),
    "StatementPaidError": Problem(
        409,
        "账单已登记付款",
        "The statement is paid already",
        "已按凭证号 {reference} 登记。",
        "It was recorded under the reference {reference}.",
    ),
}

CLAIMS: dict[str, Problem] = {
    "ClaimNotFoundError": Problem(404, "没有找到该赔案", "No such claim"),
    "AccidentInFutureError": Problem(
        422,
        "出险时间晚于当前时间",
        "The accident lies in the future",
        "请核对出险时间。",
        "Check the time of the accident.",
    ),
    "AccidentOutsideCoverError": Problem(
        422,
        "出险时间不在该保单的保障期间内",
        "The accident lies outside this policy's cover",
        "该保单的保障期间为 {period_zh}。这不是拒赔:报案已登记,报案号 {report_no},工作人员会核实并与您联系。",
        "This policy covers {starts_at} to {ends_at}. This is not a refusal: your report is kept as "
        "{report_no}, and our staff will look into it and contact you.",
    ),
    "ClaimStepClosedError": Problem(
        409,
        "赔案当前状态不允许此操作",
        "The claim's status does not allow this",
        "赔案状态为 {claim_status},该步骤已完成或尚未开始。",
        "The claim is {claim_status}: the step is finished or has not begun.",
    ),
    "SupplementRequestedError": Problem(
        409,
        "本轮审核已一次性告知补充材料",
        "This round of review has had its one supplement notice",
        "已要求补充:{documents}。同一轮审核不得再次要求补充材料。",
        "Asked for already: {documents}. Insurance Law art. 22 allows one notice.",
    ),
    "LineVerdictError": Problem(
        422,
        "逐项认定与发票不符",
        "The line verdict does not fit the invoice",
        "第 {line} 行(从 0 起)不存在,或认可金额超过票面金额。",
        "Line {line} (from 0) does not exist, or more is accepted than was billed.",
    ),
    "LossNoticeNotFoundError": Problem(404, "没有找到该报案", "No such loss notice"),
    "LossNoticeMatchedError": Problem(
        409,
        "该报案已关联其他赔案",
        "The notice belongs to another claim",
        "该报案已关联赔案 {claim_no}。",
        "The notice led to claim {claim_no}.",
    ),
    "DecisionBySamePersonError": Problem(
        409,
        "复核人不能是核定人",
        "The same person may not decide and acknowledge",
        "请由另一位有权限的人员复核。",
        "Another person with the duty must acknowledge.",
    ),
    "DecisionAmountError": Problem(
        422,
        "金额与核定结论不符",
        "The amount does not fit the decision",
        "拒赔或不予立案的金额须为 0;赔付金额须大于 0 且不超过 {maximum_fen} 分。",
        "A refusal has the amount 0; a payment is above 0 and at most {maximum_fen} fen.",
    ),
    "AdvanceNotFoundError": Problem(404, "没有找到该笔先予支付", "No such advance"),
    "AdvanceNotDueError": Problem(
        409,
        "还不能先予支付",
        "Nothing may be advanced yet",
        "受理满六十日仍未核定,或金额有无争议部分时,才能先予支付;身故赔案须先确认受益人,不作先予支付。",
        "An advance needs 60 days without a decision, or a part of the amount that nobody disputes; "
        "a death claim waits for its beneficiaries instead.",
    ),
    "AdvanceOpenError": Problem(
        409,
        "已有一笔先予支付在办理",
        "Another advance is not at its end",
        "请先处理第 {advance} 笔先予支付。",
        "Settle advance {advance} first.",
    ),
    "AdvanceAmountError": Problem(
        422,
        "超过可以确定的金额",
        "The amount is more than what is certain",
        "先予支付须大于 0 且不超过 {maximum_fen} 分。",
        "An advance is above 0 and at most {maximum_fen} fen.",
    ),
    "DocumentNotFoundError": Problem(404, "没有找到该材料", "No such document"),
    "DocumentFactsError": Problem(
        422,
        "材料内容与材料类型不符",
        "The facts do not fit the document type",
        "请按材料类型 {doc_type} 填写 facts。",
        "Send the facts that {doc_type} carries.",
    ),
    "UploadMissingError": Problem(
        409,
        "尚未收到上传的文件",
        "The file has not arrived",
        "请先把文件上传到所给地址,再确认。",
        "Upload the file to the address you were given, then confirm it.",
    ),
    "UploadMismatchError": Problem(
        409,
        "上传的文件与登记的不一致",
        "The uploaded file is not the one announced",
        "文件大小或 SHA-256 不一致,请重新上传。",
        "Size or SHA-256 differ. Upload the file again.",
    ),
    "PayeeNotInsuredError": Problem(
        422,
        "收款账户不是被保险人本人的账户",
        "The account is not the insured's own",
        "赔款只付给被保险人本人,户名须与实名一致。",
        "A payout goes to the insured alone: the holder's name must be the proved one.",
    ),
    "PayeeAccountTakenError": Problem(
        409,
        "该账户已用于他人的赔案",
        "The account stands for another person's claim",
        "请使用本人名下的其他账户;如有疑问,请致电理赔热线。",
        "Use another account of your own, or call the claims hotline.",
    ),
    "BeneficiariesNotWantedError": Problem(
        409,
        "该赔案不涉及身故保险金",
        "The claim pays no death benefit",
        "赔款归被保险人本人,无需登记受益人。",
        "Its payee is the insured; no beneficiaries are recorded.",
    ),
    "BeneficiariesInvalidError": Problem(
        422,
        "受益人登记不符合要求",
        "The beneficiaries can't stand as stated",
        "原因 {fault}。份额合计须为 10000,受益人须为自然人且不得重复,不得为被保险人或用工、劳务单位。",
        "Fault {fault}. Shares sum to 10000; natural persons, each once; never the insured or a company.",
    ),
    "RelationUnprovedError": Problem(
        409,
        "尚无已认可的关系证明",
        "No accepted document proves the relation",
        "请先审核并认可关系证明。",
        "Accept the proof of relation first.",
    ),
    "BeneficiariesBySamePersonError": Problem(
        409,
        "确认人不能是登记人",
        "The same person may not record and confirm",
        "请由另一位有权限的人员确认。",
        "Another person with the duty must confirm.",
    ),
    "BeneficiariesUnconfirmedError": Problem(
        409,
        "受益人尚未确认",
        "The beneficiaries are not confirmed",
        "请先登记受益人,并由另一人确认。",
        "Record the beneficiaries first, and have another person confirm them.",
    ),
    "BeneficiaryPaidError": Problem(
        409,
        "该受益人的赔款已支付或正在支付",
        "Money is under way to a beneficiary, or arrived",
        "已提交的份额和账户不能更改;支付失败或退票后可更正账户。",
        "Shares and that account stand; an account may be corrected once its payment failed or came back.",
    ),
    "IdentityNotWantedError": Problem(
        409,
        "赔案当前无需核验身份",
        "No identity check is wanted now",
        "支付需要核验身份时,我们会通知您。",
        "You are told when a payout needs one.",
    ),
    "IdentityCheckNotFoundError": Problem(404, "没有找到该次核身", "No such identity check"),
    "IdentityChecksUsedUpError": Problem(
        429,
        "今日核身次数已用完",
        "The day's identity checks are used up",
        "请明天再试,或携带身份证件请理赔人员当面核验。赔款为您保留。",
        "Try again tomorrow, or show your document to the insurer's staff. The payout waits for you.",
        retry_after=3600,
    ),
    "IdentityCheckRefusedError": Problem(
        409,
        "微工卡未受理本次核身",
        "The work card did not accept this identity check",
        "原因 {code}。请携带身份证件请理赔人员当面核验,赔款为您保留。",
        "It answered {code}. Show your document to the insurer's staff; the payout waits for you.",
    ),
    "IdentityCheckUnavailableError": Problem(
        503,
        "微工卡暂时不可用",
        "The work card is temporarily unavailable",
        "请稍后重试,赔款为您保留。",
        "Try again shortly; the payout waits for you.",
        retry_after=3,
    ),
    "IdentityBySamePersonError": Problem(
        409,
        "核定或复核该赔案的人不能核验领款人身份",
        "Who decided or acknowledged the claim may not confirm its payee",
        "请由其他人员核验。",
        "Others must confirm the identity.",
    ),
    "ClaimNotPayableError": Problem(
        409,
        "赔案当前没有可支付的金额",
        "The claim has nothing to pay now",
        "赔案状态为 {claim_status}。",
        "The claim is {claim_status}.",
    ),
    "PayoutNotFoundError": Problem(404, "没有找到该笔支付", "No such payout"),
    "PayoutStepClosedError": Problem(
        409, "支付当前状态不允许此操作", "The payout's state does not allow this"
    ),
}

BREAKS: dict[str, Problem] = {
    "BreakNotFoundError": Problem(404, "没有找到该差异项", "No such break"),
    "BreakResolvedError": Problem(
        409,
        "该差异项已处理",
        "The break is resolved",
        "该差异项已由他人以其他方式处理,请重新读取。",
        "Somebody resolved it in another way. Read it again.",
    ),
}

BY_CLASS: dict[str, Problem] = {**BREAKS, **ACCESS, **COVER, **CLAIMS}
