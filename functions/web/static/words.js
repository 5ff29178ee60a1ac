// The API's codes in both languages. A test holds these tables against the code's enumerations.

export const CLAIM_STATUS = {
  REGISTERED: ["已立案", "Registered"],
  AWAITING_DOCS: ["待补齐材料", "Waiting for documents"],
  IN_REVIEW: ["审核中", "In review"],
  AWAITING_SUPPLEMENT: ["待补充材料", "Waiting for more documents"],
  INVESTIGATING: ["调查中", "Under investigation"],
  DECIDED: ["已核定，待复核", "Decided, to be acknowledged"],
  ACKNOWLEDGED: ["已复核", "Decision final"],
  DISPUTED: ["有异议", "Disputed"],
  AGREED: ["已达成赔付协议", "Amount agreed"],
  PAYING: ["支付中", "Being paid"],
  PAID: ["已支付", "Paid"],
  CLOSED: ["已结案", "Closed"],
  REOPENED: ["重新开案", "Reopened"],
  WITHDRAWN: ["已撤案", "Withdrawn"],
};

export const DECISION = {
  PENDING: ["待核定", "Pending"],
  APPROVED: ["全额赔付", "Approved"],
  PARTIAL: ["部分赔付", "Partly approved"],
  DECLINED: ["拒赔", "Declined"],
  GOODWILL: ["通融赔付", "Goodwill"],
  NO_CLAIM: ["不属于保险责任", "Not a claim under the policy"],
};

export const CLAIM_TYPE = {
  MEDICAL: ["意外医疗", "Medical costs"],
  HOSPITAL: ["住院津贴", "Hospital allowance"],
  LOST_INCOME: ["误工津贴", "Lost income"],
  DISABILITY: ["意外伤残", "Disability"],
  DEATH: ["意外身故", "Death"],
  SUDDEN_DEATH: ["猝死", "Sudden death"],
  AMBULANCE: ["救护车", "Ambulance"],
};

export const DOCUMENT_TYPE = {
  CLAIM_FORM: ["保险金给付申请书", "Claim form"],
  POLICY: ["电子保单", "Policy"],
  APPLICANT_ID: ["申请人身份证明", "Applicant's identity document"],
  PAYEE_ACCOUNT: ["收款人本人名下的账户", "Payee's own account"],
  ACCIDENT_STATEMENT: ["事故经过", "Account of the accident"],
  CHECK_IN_RECORD: ["打卡记录和项目名册", "Check-in record and roster"],
  INJURY_PHOTO: ["现场或伤情照片", "Photo of place or injury"],
  POLICE_FINDING: ["交警认定书", "Traffic police finding"],
  COMPANY_PROOF: ["用工单位证明", "Employer's statement"],
  MEDICAL_RECORD: ["病历", "Medical record"],
  DIAGNOSIS: ["诊断证明", "Diagnosis"],
  INVOICE: ["发票（纸质原件或电子发票）", "Invoice"],
  EXPENSE_LIST: ["费用清单", "List of expenses"],
  SPLIT_SHEET: ["其他赔付方的分割单", "Another payer's settlement"],
  ADMISSION_RECORD: ["出入院记录", "Hospital admission record"],
  SICK_LEAVE_CERTIFICATE: ["病休证明", "Sick-leave certificate"],
  DISABILITY_APPRAISAL: ["伤残鉴定书", "Disability appraisal"],
  DEATH_CERTIFICATE: ["死亡证明", "Death certificate"],
  HOUSEHOLD_CANCELLATION: ["户籍注销证明", "Household cancellation"],
  COURT_DECLARATION: ["法院宣告死亡的判决书", "Court declaration of death"],
  RELATION_PROOF: ["与被保险人的关系证明", "Proof of relation"],
  AUTOPSY_REPORT: ["死因鉴定报告", "Autopsy report"],
  POWER_OF_ATTORNEY: ["授权委托书及双方身份证明", "Power of attorney"],
};

export const DOCUMENT_STATUS = {
  REQUIRED: ["待上传", "To be uploaded"],
  RECEIVED: ["已收到", "Received"],
  ACCEPTED: ["已认可", "Accepted"],
  REJECTED: ["未通过，请重传", "Rejected: send again"],
  WAIVED: ["免提交", "Waived"],
  REPLACED: ["已换新", "Replaced"],
};

export const CLAIM_EVENT = {
  ASSIGNED: ["分配", "Assigned"],
  GIVEN_BACK: ["退回待办", "Given back"],
  REGISTERED: ["立案", "Registered"],
  CHECKLIST_SENT: ["一次性告知所需材料", "All documents asked for at once"],
  PAPERS_RECEIVED: ["收到第一份材料", "First paper received"],
  DOCUMENTS_COMPLETED: ["材料齐全", "Documents complete"],
  SUPPLEMENT_REQUESTED: ["要求补充材料", "More documents asked for"],
  SUPPLEMENT_COMPLETED: ["补充材料已收到", "More documents received"],
  INVESTIGATION_OPENED: ["开始调查", "Investigation opened"],
  INVESTIGATION_CLOSED: ["调查结束", "Investigation closed"],
  REFERRED: ["转人工审核", "Referred to people"],
  AUTO_APPROVED: ["自动核定赔付", "Approved automatically"],
  DECIDED: ["核定", "Decided"],
  SENT_BACK: ["退回重审", "Sent back"],
  ACKNOWLEDGED: ["复核通过", "Acknowledged"],
  ACCEPTED: ["被保险人同意金额", "Insured accepted the amount"],
  DISPUTED: ["被保险人有异议", "Insured disputed the amount"],
  REVIEW_RESUMED: ["重新审核", "Review resumed"],
  REFUSAL_NOTICE_ISSUED: ["出具核定结果通知书", "Notice of the decision issued"],
  NOTICE_DELIVERED: ["通知书已送达", "Notice delivered"],
  PAYOUT_RESERVED: ["赔款支付中", "Payment under way"],
  PAYOUT_UNRESOLVED: ["支付结果未知", "Payment's result unknown"],
  PAYOUT_FAILED: ["支付未成功", "Payment failed"],
  PAID: ["赔款已到账", "Paid"],
  PAYOUT_BOUNCED: ["赔款被银行退回", "Payment returned by the bank"],
  CLOSED: ["结案", "Closed"],
  REOPENED: ["重新开案", "Reopened"],
  WITHDRAWN: ["撤案", "Withdrawn"],
  REMINDED: ["已提醒", "Reminded"],
  WORKFLOW_FAILED: ["流程中断", "Workflow failed"],
  REPORTED_AGAIN: ["重复报案", "Reported again"],
  CONSENT_GIVEN: ["单独同意", "Consent given"],
  CONSENT_WITHDRAWN: ["撤回同意", "Consent withdrawn"],
  DOCUMENT_JUDGED: ["审核材料", "Document judged"],
  SHEET_FILLED: ["损失清单有更新", "Loss sheet filled"],
  REASSESSED: ["重新理算", "Computed anew"],
  NOTED: ["备注", "Note"],
  COMPLAINED: ["投诉", "Complaint"],
  COMPLAINT_ANSWERED: ["答复投诉", "Complaint answered"],
  CLOCK_BREACHED: ["时限已过", "Time limit passed"],
  IDENTITY_REQUESTED: ["请收款人刷脸确认", "Face check of the payee asked for"],
  IDENTITY_SEEN: ["已见收款人本人", "Payee seen in person"],
  IDENTITY_PROVED: ["收款人身份已核验", "Payee's identity proved"],
  ADVANCE_STATED: ["提出先予支付", "Advance proposed"],
  ADVANCE_SENT_BACK: ["先予支付退回", "Advance sent back"],
  ADVANCE_ACKNOWLEDGED: ["先予支付复核通过", "Advance acknowledged"],
  ADVANCE_RESERVED: ["先予支付中", "Advance being paid"],
  ADVANCE_UNRESOLVED: ["先予支付结果未知", "Advance's result unknown"],
  ADVANCE_FAILED: ["先予支付未成功", "Advance not paid"],
  ADVANCE_PAID: ["先予支付已到账", "Advance paid"],
  ADVANCE_BOUNCED: ["先予支付被银行退回", "Advance returned by the bank"],
  ADVANCE_SUFFICED: ["先予支付已付清核定金额", "Advances paid the whole amount"],
  POLICY_ENDED: ["保单已失效", "Policy no longer stands"],
  BENEFICIARIES_STATED: ["登记受益人", "Beneficiaries recorded"],
  BENEFICIARIES_CONFIRMED: ["受益人已确认", "Beneficiaries confirmed"],
  SHARES_FIXED: ["已确定各受益人的金额", "Beneficiaries' amounts fixed"],
  SHARE_PAID: ["一位受益人的份额已到账", "A beneficiary's share paid"],
  BENEFITS_ADDED: ["增加申请项目", "Benefits added"],
  HEIR_ACCEPTED: ["一位受益人同意金额", "A beneficiary accepted the amount"],
  REPRESENTATIVE_REQUESTED: ["申请代为办理", "Asks to act for the insured"],
  REPRESENTATIVE_ACCEPTED: ["已认可代办人", "Representative accepted"],
  REPRESENTATIVE_REFUSED: ["代办申请未获认可", "Representative refused"],
  REPRESENTATIVE_REVOKED: ["代办已终止", "Representation ended"],
};

export const PAYOUT_STATE = {
  CREATED: ["待提交", "To be submitted"],
  SUBMITTED: ["已提交", "Submitted"],
  UNKNOWN: ["结果未知，查询中", "Result unknown, being asked for"],
  SUCCEEDED: ["已到账", "Arrived"],
  FAILED: ["未成功", "Failed"],
  BOUNCED: ["已退票", "Returned"],
};

export const OBLIGATION_STATE = {
  OWED: ["应付，尚未支付", "Owed"],
  RESERVED: ["支付中", "Being paid"],
  PAID: ["已支付", "Paid"],
  LAPSED: ["不再应付", "No longer owed"],
};

export const ADVANCE_STATE = {
  STATED: ["已提出，待复核", "Stated, to be acknowledged"],
  SENT_BACK: ["复核未通过", "Sent back"],
  ACKNOWLEDGED: ["已复核，待支付", "Acknowledged, to be paid"],
  PAYING: ["支付中", "Being paid"],
  PAID: ["已支付", "Paid"],
  LAPSED: ["已有核定，不再先予支付", "Overtaken by the decision"],
};

export const ADVANCE_GROUND = {
  SIXTY_DAYS: ["受理满六十日", "60 days without a decision"],
  UNDISPUTED: ["无争议部分", "Undisputed part"],
};

export const RELATION = {
  SPOUSE: ["配偶", "Spouse"],
  CHILD: ["子女", "Child"],
  PARENT: ["父母", "Parent"],
  SIBLING: ["兄弟姐妹", "Sibling"],
  GRANDPARENT: ["祖父母、外祖父母", "Grandparent"],
  GRANDCHILD: ["孙子女、外孙子女", "Grandchild"],
  OTHER: ["其他", "Other"],
};

export const BASIS = {
  DESIGNATED: ["被保险人指定", "Designated by the insured"],
  STATUTORY: ["没有有效指定，法定继承", "Nobody designated takes: the legal heirs"],
};

export const HOLDER = {
  OWN: ["受益人本人", "The beneficiary"],
  GUARDIAN: ["监护人", "The guardian"],
};

export const LOSS_OF_RIGHT = {
  FORFEITED: ["故意造成被保险人死亡、伤残、疾病或杀害未遂", "Harmed the insured on purpose"],
  DIED_FIRST: ["先于被保险人死亡，或在同一事件中死亡、不能确定先后", "Died first, or in the same event in an order nobody can tell"],
  RENOUNCED: ["放弃受益权", "Renounced it"],
};

export const ATTENTION = {
  WORKFLOW_FAILED: ["流程中断，须人工处理", "The workflow broke off"],
  POLICY_NOT_STANDING: ["保单已失效，赔款须人工处理", "The policy does not stand: people decide about the money"],
  CONSENT_WITHDRAWN: ["当事人撤回同意，请联系", "The claimant withdrew a consent: talk to them"],
  PAYOUT_PAYEE_MISSING: ["等待收款账户", "Waits for a bank account"],
  PAYOUT_BENEFICIARY_MISSING: ["等待确认受益人", "Waits for the beneficiaries"],
  PAYOUT_ADVANCE_PENDING: ["等待先予支付的结果", "Waits for the advance"],
  PAYOUT_IDENTITY_REQUIRED: ["等待确认收款人身份", "Waits for the payee's identity"],
  PAYOUT_NOT_ENOUGH: ["付款账户余额不足，请充值", "The paying account is too low: top it up"],
  PAYOUT_FAILED: ["支付未成功", "Payment failed"],
  PAYOUT_BOUNCED: ["被银行退回", "Returned by the bank"],
  PAYOUT_UNKNOWN: ["支付结果未知", "Payment's result unknown"],
  PAYOUT_PENDING: ["已提交，迟迟未完成", "Submitted, and late"],
  PAYOUT_NOT_SENT: ["未能提交支付", "The payment could not be sent"],
  PAYOUT_ERROR: ["支付流程中断", "The payment broke off"],
};

export const OUTCOME = {
  RESERVED: ["已登记支付", "Payment begun"],
  IDENTITY_REQUIRED: ["须确认收款人身份", "The payee's identity is wanted"],
  SUCCEEDED: ["已到账", "Arrived"],
  ALREADY_PAID: ["此前已支付", "Paid before"],
  APART: ["分别支付", "Paid apart"],
  PAYEE_MISSING: ["没有收款账户", "No bank account"],
  BENEFICIARY_MISSING: ["受益人未确认", "Beneficiaries not confirmed"],
  ADVANCE_PENDING: ["先予支付在途", "An advance is under way"],
  LAPSED: ["不再应付", "No longer owed"],
  NOT_PAYABLE: ["没有可支付的金额", "Nothing to pay"],
  STOPPED: ["已停止支付", "Stopped"],
  FAILED: ["未成功", "Failed"],
  PENDING: ["尚未完成", "Not at its end"],
  UNKNOWN: ["结果未知", "Result unknown"],
  NOT_SENT: ["未提交成功", "Not sent"],
  NOT_ENOUGH: ["付款账户余额不足", "The paying account is too low"],
  BOUNCED: ["已退票", "Returned"],
  ERROR: ["支付流程中断", "The payment broke off"],
};

/** Why a transfer failed or waits: WeChat's and the bank's codes, and our own. */
export const TRANSFER_REASON = {
  ACCOUNT_CLOSED: ["收款账户已销户", "The account is closed"],
  ACCOUNT_FROZEN: ["收款微信账户被冻结", "The WeChat account is frozen"],
  ACCOUNT_MISSING: ["没有填写收款账户", "No bank account is stated"],
  ACCOUNT_NOT_EXIST: ["收款账户不存在", "There is no such account"],
  AMOUNT_DIFFERS: ["转账金额与应付不符，正在核对", "The bill has another amount; it is being checked"],
  BANK_CARD_ACCOUNT_ABNORMAL: ["银行卡账户异常", "Something is wrong with the bank card's account"],
  BANK_CARD_BANK_INFO_WRONG: ["开户银行信息有误", "The bank's name is wrong"],
  BANK_CARD_CARD_INFO_WRONG: ["银行卡号或户名有误", "Card number or holder is wrong"],
  BANK_CARD_COLLECTIONS_ABOVE_QUOTA: ["银行卡收款超过限额", "Above what the bank card may receive"],
  BANK_CARD_PARAM_ERROR: ["银行卡信息有误", "The bank card's data are wrong"],
  BANK_CARD_STATUS_ABNORMAL: ["银行卡状态异常", "The bank card is not in order"],
  BILL_NOT_FOUND: ["查不到这笔转账，正在核对", "The bill is not found; it is being checked"],
  BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH: ["微信收款超过当月限额", "Above what WeChat lets you receive this month"],
  BLOCK_B2C_USERLIMITAMOUNT_MONTH: ["微信收款超过当月限额", "Above what WeChat lets you receive this month"],
  CANCELLED: ["转账已撤销", "The transfer was cancelled"],
  DAY_RECEIVED_COUNT_EXCEED: ["当天微信收款次数已满", "WeChat lets you receive no more payments today"],
  DAY_RECEIVED_QUOTA_EXCEED: ["当天微信收款金额已满", "Above what WeChat lets you receive today"],
  EXCEEDED_ESTIMATED_AMOUNT: ["付款超过预计额度", "Above the payer's planned amount"],
  FAIL: ["转账未成功", "The transfer failed"],
  FREQUENCY_LIMITED: ["微信支付繁忙", "WeChat Pay is busy"],
  FREQUENCY_LIMIT_EXCEED: ["微信支付繁忙", "WeChat Pay is busy"],
  ID_CARD_NOT_CORRECT: ["身份证号与微信实名不一致", "The ID number is not that of the WeChat real name"],
  INVALID_REQUEST: ["微信未受理这笔转账", "WeChat did not take the transfer"],
  MCH_CANCEL: ["转账由我们撤回", "We took the transfer back"],
  MERCHANT_NOT_CONFIRM: ["付款方未确认", "The payer did not confirm"],
  MERCHANT_REJECT: ["付款方已拒绝", "The payer refused"],
  NAME_NOT_CORRECT: ["姓名与微信实名不一致", "The name is not that of the WeChat real name"],
  NOT_ENOUGH: ["付款账户余额不足", "The paying account is too low"],
  NO_ANSWER: ["对方暂无答复", "No answer yet"],
  NO_AUTH: ["付款方无转账权限", "The payer may not make transfers"],
  OPENID_INVALID: ["微信账号无效", "The WeChat account is not valid"],
  OTHER_FAIL_REASON_TYPE: ["微信未说明原因", "WeChat gave no reason"],
  OVERDUE_CLOSE: ["24 小时内没有确认收款", "Not confirmed within 24 hours"],
  PARAM_ERROR: ["微信未受理这笔转账", "WeChat did not take the transfer"],
  PAYEE_ACCOUNT_ABNORMAL: ["收款账户异常", "Something is wrong with the account"],
  PAYER_ACCOUNT_ABNORMAL: ["付款账户异常", "Something is wrong with the paying account"],
  POLICY_NOT_STANDING: ["保单已失效，付款已停止", "The policy does not stand: the payment was stopped"],
  PRODUCT_AUTH_CHECK_FAIL: ["付款方未开通转账", "The payer's transfers are not open"],
  REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED: ["微信实名账户收款超过限额", "Above what your WeChat account may receive"],
  REAL_NAME_CHECK_FAIL: ["微信未完成实名认证", "WeChat real-name verification is missing"],
  RECEIVE_ACCOUNT_NOT_CONFIGURE: ["没有设置收款账户", "No receiving account is set"],
  RETURNED: ["被银行退回", "Returned by the bank"],
  SIGN_ERROR: ["微信未受理这笔转账", "WeChat did not take the transfer"],
  SYSTEM_ERROR: ["微信支付系统繁忙", "WeChat Pay is busy"],
  TOO_MANY_REQUESTS: ["微信支付繁忙", "WeChat Pay is busy"],
  TRANSFER_QUOTA_EXCEED: ["转账超过限额", "Above the limit of transfers"],
};

/** What the payee can do in WeChat about it. Where nothing stands here, a bank account helps or it is ours to settle. */
export const TRANSFER_ADVICE = {
  ACCOUNT_FROZEN: ["可以在微信“支付”里申请解除冻结。", "You can ask WeChat Pay to lift the freeze."],
  BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH: ["下个月可以再收。", "You can receive again next month."],
  BLOCK_B2C_USERLIMITAMOUNT_MONTH: ["下个月可以再收。", "You can receive again next month."],
  DAY_RECEIVED_COUNT_EXCEED: ["明天可以再收。", "You can receive again tomorrow."],
  DAY_RECEIVED_QUOTA_EXCEED: ["明天可以再收。", "You can receive again tomorrow."],
  NAME_NOT_CORRECT: ["请核对微信“支付”里的实名是不是您本人。", "Check that the real name in WeChat Pay is yours."],
  ID_CARD_NOT_CORRECT: ["请核对微信“支付”里的实名是不是您本人。", "Check that the real name in WeChat Pay is yours."],
  OVERDUE_CLOSE: ["下次请在 24 小时内点“确认收款”。", "Next time, confirm within 24 hours."],
  REAL_NAME_CHECK_FAIL: ["请在微信“支付”里完成实名认证。", "Verify your real name in WeChat Pay."],
};

export const NOTICE_KIND = {
  PAPERS_REQUEST: ["补充材料通知书", "Request for papers"],
  REFUSAL: ["拒赔通知书", "Notice of refusal"],
  PARTIAL_REFUSAL: ["部分拒赔通知书", "Notice of partial refusal"],
  RESULT: ["核定结果通知书", "Notice of the result"],
};

export const NOTICE_CHANNEL = {
  MESSAGE: ["微信订阅消息", "WeChat message"],
  LETTER: ["挂号信", "Registered letter"],
  CALL: ["电话", "Telephone call"],
  IN_PERSON: ["当面", "In person"],
  APP_SEEN: ["本人在小程序中阅读", "Read in the app"],
};

export const MESSAGE_OUTCOME = {
  SENT: ["消息已发送", "Message sent"],
  NOT_WANTED: ["对方未订阅消息", "The phone takes no messages"],
  UNDELIVERABLE: ["消息无法发送", "The message cannot be sent"],
};

export const CLOCK = {
  ADJUDICATION: ["30 天核定", "Decision, 30 days"],
  REFUSAL_NOTICE: ["拒赔通知，3 天", "Notice of refusal, 3 days"],
  PAYMENT: ["10 天付款", "Payment, 10 days"],
  ADVANCE: ["60 天先予支付", "Advance, 60 days"],
  SERVICE_LEVEL: ["两个工作日承诺", "Two working days"],
  INVESTIGATION: ["调查，10 天", "Investigation, 10 days"],
};

export const POLICY_STATUS = {
  ISSUED: ["已出单", "Issued"],
  CANCELLED: ["已取消", "Cancelled"],
  TERMINATED: ["已终止", "Terminated"],
  VOIDED: ["已作废", "Voided"],
};

export const DATUM = {
  GCJ02: ["高德、腾讯坐标（GCJ-02）", "Amap, Tencent (GCJ-02)"],
  BD09: ["百度坐标（BD-09）", "Baidu (BD-09)"],
  WGS84: ["GPS 坐标（WGS-84）", "GPS (WGS-84)"],
};

export const READ_FROM = {
  GCJ02: ["高德地图、腾讯地图、谷歌中国地图", "Amap, Tencent or Google's map of China"],
  BD09: ["百度地图", "Baidu's map"],
  WGS84: ["手机定位、GPS", "A phone's position, GPS"],
};

export const PROJECT_STATUS = {
  DRAFT: ["草稿", "Draft"],
  OPEN: ["开放打卡", "Open"],
  PAUSED: ["已暂停", "Paused"],
  CLOSED: ["已关闭", "Closed"],
};

export const SCENE = {
  LOGISTICS: ["物流", "Logistics"],
  MANUFACTURING: ["制造", "Manufacturing"],
  HOTEL: ["酒店", "Hotel"],
  CATERING: ["餐饮", "Catering"],
  EVENT: ["活动会展", "Event"],
  RETAIL: ["零售", "Retail"],
  OTHERS: ["其他", "Others"],
};

export const ACCEPTANCE = {
  ACCEPT: ["可投保", "Accepted"],
  REFER: ["须人工核保", "Referred to an underwriter"],
  REFUSE: ["不予承保", "Not insured"],
};

export const OCCUPATION_VERDICT = {
  ACCEPT: ["可投保", "Insured"],
  REFER: ["可投保，每名工人须人工核保", "Insured, each worker referred to an underwriter"],
  REFUSE: ["不予承保", "Not insured"],
  LISTED: ["即职业表中的工种", "An occupation of the table"],
};

export const OCCUPATION_REFERRAL_STATUS = {
  WAITING: ["等待核保员答复", "With the underwriter"],
  ANSWERED: ["已答复", "Answered"],
};

export const WHY = {
  CONSENT_MISSING: ["未同意条款", "Texts not accepted"],
  NOT_VERIFIED: ["未实名核验", "Identity not proved"],
  NOT_CHECKED_IN: ["未打卡", "Not checked in"],
  OCCUPATION_REFERRED: ["工种须人工核保", "Occupation goes to an underwriter"],
  TOO_EARLY: ["来得太早", "Too early"],
  OUTSIDE_SITE: ["不在现场", "Not on site"],
  ID_REFUSED: ["证件未通过", "ID refused"],
  AGE_REFUSED: ["年龄不符", "Age refused"],
  FACE_PENDING: ["等待人脸核验", "Face check pending"],
  FACE_FAILED: ["人脸核验未通过", "Face check failed"],
  NAME_MISMATCH: ["姓名不一致", "Name differs"],
  CHECK_IN_EXPIRED: ["打卡超时", "Check-in expired"],
  WORK_CARD_LIMIT: ["当日次数用完", "Day's attempts used up"],
  WORK_CARD_DOWN: ["微工卡不可用", "Work card out of reach"],
  WORK_CARD_REFUSED: ["微工卡拒绝", "Work card refused"],
  SUM_LIMIT: ["保额已达上限", "Sum insured at its limit"],
  COVER_BLOCKED: ["授信已用完", "Credit used up"],
  EXPIRED: ["保单已到期", "Policy ended"],
  POLICY_ENDED: ["保单已取消或终止", "Policy cancelled or terminated"],
};

export const REFERRAL_REASON = {
  PRE_ORDERS_USED_UP: ["当日打卡次数用完", "Day's check-ins used up"],
  FACE_FAILED: ["人脸核验未通过", "Face check failed"],
  NAME_MISMATCH: ["姓名不一致", "Name differs"],
  DOCUMENT_TYPE: ["非居民身份证", "Not a resident ID"],
  AGE_EDGE: ["年龄接近上限", "Age at the limit"],
  FACE_DECLINED: ["不使用人脸识别", "No face recognition"],
  OCCUPATION_CLASS: ["工种须人工核保", "Occupation goes to an underwriter"],
};

/** The papers that a referral may carry. */
export const APPLICATION_DOCUMENT = {
  OPERATION_CERTIFICATE: ["特种作业操作证", "Special-operation certificate"],
  DRIVING_LICENCE: ["驾驶证", "Driving licence"],
  VEHICLE_LICENCE: ["行驶证", "Vehicle licence"],
  QUALIFICATION_CERTIFICATE: ["从业资格证", "Qualification certificate"],
  HEALTH_CERTIFICATE: ["健康证", "Health certificate"],
  ID_DOCUMENT: ["身份证件", "Identity document"],
  OTHER: ["其他材料", "Other paper"],
};

export const REFERRAL_STATUS = {
  ASKED: ["待现场确认", "To be confirmed on site"],
  CONFIRMED: ["已确认，待核保", "Confirmed, with the underwriter"],
  ISSUING: ["已通过，正在出单", "Approved, policy being issued"],
  APPROVED: ["已通过", "Approved"],
  DECLINED: ["未通过", "Declined"],
};

export const IDENTITY_DOCUMENT = {
  RESIDENT_ID: ["居民身份证", "Resident ID"],
  HK_MO_TW_RESIDENCE_PERMIT: ["港澳台居民居住证", "Residence permit of Hong Kong, Macao and Taiwan residents"],
  FOREIGNER_PERMANENT_RESIDENCE: ["外国人永久居留身份证", "Foreigner's permanent residence card"],
  PASSPORT: ["护照", "Passport"],
  HK_MO_PERMIT: ["港澳居民来往内地通行证", "Hong Kong/Macao permit"],
  TW_PERMIT: ["台湾居民来往大陆通行证", "Taiwan permit"],
};

export const STATEMENT_STATUS = {
  OPEN: ["暂计，尚未出账", "Preliminary"],
  ISSUED: ["待支付", "To be paid"],
  PAID: ["已支付", "Paid"],
  OVERDUE: ["已逾期", "Overdue"],
};

export const CREDIT_LEVEL = {
  OK: ["正常", "In order"],
  WARNING: ["接近上限", "Near the limit"],
  BLOCKED: ["已停止新打卡", "New check-ins blocked"],
};

export const BILLING = {
  CREDIT: ["先保后付", "on credit"],
  PREPAID: ["预存保费", "prepaid"],
};

export const MOVEMENT_KIND = {
  PAID_IN: ["存入", "Paid in"],
  REFUNDED: ["退回", "Refunded"],
  STATEMENT_PAID: ["扣缴账单", "Statement paid"],
};

export const POSITION = {
  PREMIUM: ["保费解付", "Premium to the insurer"],
  CLAIMS_BY_WALLET: ["赔款拨付 · 微信商户账户", "Claims money · WeChat account"],
  CLAIMS_BY_BANK: ["赔款拨付 · 银行账户", "Claims money · bank account"],
};

export const SETTLEMENT_STATUS = {
  OPEN: ["未结账", "Open"],
  DUE: ["待结算", "Due"],
  SETTLED: ["已结清", "Settled"],
};

export const QUEUE = {
  DECISION: ["待核定", "Decisions"],
  ACKNOWLEDGEMENT: ["待复核", "Acknowledgements"],
  PAYOUT: ["支付异常", "Payouts"],
  UNMATCHED: ["未匹配报案", "Unmatched notices"],
  COMPLAINT: ["投诉", "Complaints"],
  ADVANCE: ["先予支付", "Advances"],
  NOTICE: ["待送达通知", "Notices to deliver"],
  REPRESENTATIVE: ["代办申请", "Representatives"],
};

export const REPRESENTATIVE_KIND = {
  HEIR: ["继承人或受益人", "Heir or beneficiary"],
  GUARDIAN: ["监护人", "Guardian"],
  AGENT: ["受托人", "Agent"],
};

export const REPRESENTATIVE_STATUS = {
  REQUESTED: ["待审核", "Asked"],
  ACCEPTED: ["已认可", "Accepted"],
  REFUSED: ["未认可", "Refused"],
  REVOKED: ["已终止", "Ended"],
};

export const DUTY = {
  intake: ["接案", "Intake"],
  adjuster: ["核赔", "Adjuster"],
  senior_adjuster: ["主核", "Senior adjuster"],
  finance: ["财务", "Finance"],
  auditor: ["审计", "Auditor"],
};

export const CLAIM_CONSENT = {
  HEALTH_DATA: ["医疗健康信息", "Health data"],
  BANK_ACCOUNT: ["银行账户", "Bank account"],
  FACE: ["人脸核验", "Face check"],
};

export const LEGAL_GROUND = {
  COURT: ["司法机关调取", "A court asks"],
  REGULATOR: ["监管检查", "A regulator's inspection"],
  DISPUTE: ["诉讼仲裁", "A lawsuit or arbitration"],
  AGREED_CLAIM: ["履行已达成的赔付协议", "Paying what was agreed"],
};

export const REFERRAL_LOOKED_AT = {
  FILE: ["核保资料", "Referral"],
  DOCUMENT: ["材料", "Document"],
};

export const LOOKED_AT = {
  FILE: ["案卷", "Claim file"],
  DOCUMENT: ["材料", "Document"],
  NOTICE: ["报案", "Loss notice"],
  IDENTITY: ["身份信息", "Identity"],
};

export const REASON = {
  WITHIN_TERMS: ["属于保险责任", "Within the terms"],
  PARTLY_PROVEN: ["部分费用有凭证", "Partly proven"],
  NOT_PROVEN: ["材料不足以证明", "Not proven"],
  EXCLUDED: ["属于责任免除", "Excluded by the terms"],
  OUTSIDE_COVER: ["事故不在保障期间", "Outside the cover"],
  HARDSHIP: ["考虑实际困难", "Hardship"],
  UNREADABLE: ["材料不清晰", "Not readable"],
  WRONG_DOCUMENT: ["材料类型不符", "Wrong document"],
  KNOWN_OTHERWISE: ["已由其他途径证实", "Known from elsewhere"],
  OVER_SOCIAL_STANDARD: ["超出医保同类费用标准的部分", "Above the comparable in-list cost"],
  NOT_OF_THE_ACCIDENT: ["与本次事故无关", "Not of this accident"],
  NOT_NECESSARY: ["非必需的费用", "Not necessary"],
  PAID_ELSEWHERE: ["已由他方支付", "Paid elsewhere"],
  VERIFIED: ["平台查验", "Verified by the platform"],
  ENTERED: ["核赔人员录入", "Entered by an adjuster"],
  NEW_EVIDENCE: ["有新证据", "New evidence"],
  FACTS_UNCLEAR: ["事实不清", "Facts unclear"],
  FACTS_CLEAR: ["事实已查清", "Facts established"],
  CERTAIN_PART: ["能确定的部分", "The certain part"],
  UNDISPUTED_PART: ["无争议的部分", "The undisputed part"],
  GENUINE: ["与原件一致", "Genuine"],
  IDENTITY: ["被保险人本人", "The insured"],
  FACE: ["微工卡刷脸", "By face"],
  STAFF: ["两名理赔人员当面核对", "Seen by two members of staff"],
  SUPPLEMENT: ["催交补充材料", "Reminder of the supplement"],
  DOCUMENTS: ["催交材料", "Reminder of the documents"],
  AGREEMENT: ["提醒确认金额", "Reminder to answer the amount"],
  EXPOSURE_MOVED: ["保单剩余额度有变化", "The policy's limits moved"],
  MATCHED: ["由未匹配报案转入", "From an unmatched notice"],
};

/** Why somebody on site can't confirm a person. */
export const SITE_DECLINE = {
  NOT_ON_SITE: ["本人不在现场", "Not on site"],
  PHOTO_DIFFERS: ["证件照片与本人不符", "Photo of somebody else"],
  DOCUMENT_INVALID: ["证件无效或已过期", "Document not valid"],
};

export const REFERRAL_DECISION = {
  DOCUMENT_SEEN: ["证件已核对", "Document checked"],
  DOCUMENT_DOUBTFUL: ["证件存疑", "Document doubtful"],
  WORK_SEEN: ["作业情况已核对", "Work checked"],
  PHOTO_DIFFERS: ["证件照片与本人不符", "Photo of somebody else"],
  DOCUMENT_INVALID: ["证件无效或已过期", "Document not valid"],
  CERTIFICATE_MISSING: ["无有效的特种作业操作证", "No special-operation certificate"],
  ROUTE_NOT_INSURED: ["路线或车型不予承保", "Route or vehicle not insured"],
  WORK_NOT_INSURED: ["作业不予承保", "Work not insured"],
  NOT_ELIGIBLE: ["不符合投保条件", "Not eligible"],
};

export const REFERRED_FOR = {
  CONSENT_WITHDRAWN: ["当事人撤回医疗健康信息同意", "Consent to use health data withdrawn"],
  CLAIM_TYPE: ["须人工审核的责任", "Benefit that people decide"],
  NOTHING_TO_PAY: ["理算结果为零", "Nothing to pay"],
  ABOVE_LIMIT: ["金额超过自动核定上限", "Above the automatic limit"],
  FIRST_CLAIM: ["首次赔案金额较大", "Large first claim"],
  SAMPLED: ["随机抽查", "Picked at random"],
  DAILY_CAP_PROJECT: ["项目当日自动核赔已达上限", "Automatic limit of the day, project"],
  DAILY_CAP_COMPANY: ["公司当日自动核赔已达上限", "Automatic limit of the day, company"],
  DAILY_CAP_ALL: ["当日自动核赔总额已达上限", "Automatic limit of the day, all"],
  BENEFIT_WITHOUT_AMOUNT: ["有责任理算为零", "A benefit comes to nothing"],
  REOPENED: ["重新开案", "Reopened"],
  DISPUTED: ["被保险人有异议", "Disputed"],
  SEVERAL_SICK_LEAVE_CERTIFICATES: ["多份病休证明", "Several sick-leave certificates"],
  SEVERAL_ADMISSION_RECORDS: ["多份出入院记录", "Several admission records"],
  OTHER_PAYER: ["另有赔付方", "Another payer"],
  F1_BEFORE_START: ["事故早于保障", "Accident before the cover"],
  F1_NEAR_START: ["事故紧接保障开始", "Accident just after the start"],
  F2_TREATED_BEFORE_START: ["就诊早于保障", "Treated before the cover"],
  F2_TREATED_BEFORE_ACCIDENT: ["就诊早于事故", "Treated before the accident"],
  F14_OCCUPATION: ["作业与职业类别不符", "Work of a higher class"],
  BILL_UNKNOWN: ["查无此票", "No such bill at the platform"],
  BILL_ALTERED: ["票据要素与平台不符", "Bill differs from the platform's"],
  BILL_REVERSED: ["票据已冲红", "Bill reversed"],
  BILL_VOID: ["票据已作废", "Bill void"],
  BILL_EXCHANGED: ["票据已换开纸质", "Bill exchanged for paper"],
  BILL_OTHER_PATIENT: ["票据是他人的", "Another patient's bill"],
  BILL_STATED_OTHERWISE: ["填写的金额与票据不符", "Another amount was typed"],
  BILL_UNVERIFIED: ["票据未经查验", "Bill not verified"],
  BILL_FILE_HOSTILE: ["文件含有攻击内容", "File made to do harm"],
  BILL_FILE_UNREADABLE: ["票据文件损坏或不是票据", "Bill file damaged"],
  BILL_SUMS_DIFFER: ["票据合计对不上", "Sums of the bill differ"],
  SICK_LEAVE_UNVERIFIED: ["病休证明待核实", "Sick leave to be verified"],
  STAY_UNVERIFIED: ["住院天数待核实", "Stay to be verified"],
  BEFORE_ACCIDENT: ["日期早于事故", "Dated before the accident"],
  AFTER_180_DAYS: ["超过事故后 180 天", "More than 180 days after the accident"],
  HOSPITAL_LEVEL: ["医院等级低于二级或不明", "Hospital below level 2, or not known"],
  SUDDEN_DEATH_48_HOURS: ["猝死是否在 48 小时内未证实", "Sudden death: 48 hours not shown"],
  DEATH_CAUSE: ["死因既非意外也非猝死", "Neither accident nor sudden death"],
  F15_DUPLICATE_INVOICE: ["发票重复", "Invoice used twice"],
  SAME_POLICY: ["同一保单另有赔案", "Another claim of the policy"],
  SAME_ACCIDENT: ["另一保单有同时段赔案", "Claim of the same time on another policy"],
  F16_REUSED_FILE: ["文件重复使用", "File used again"],
  F17_FREQUENT: ["近期频繁报案", "Frequent claims"],
  F17_FREQUENT_COMPANY: ["同一公司频繁报案", "Frequent claims of the company"],
  F17_FREQUENT_PROJECT: ["同一项目频繁报案", "Frequent claims of the project"],
  F17_FREQUENT_CLINIC: ["同一医院频繁出现", "Frequent claims with the hospital"],
  F17_FREQUENT_PHONE: ["同一手机频繁报案", "Frequent claims from the phone"],
  F19_AFTER_END: ["事故晚于保障", "Accident after the cover"],
  F19_NEAR_END: ["事故接近保障结束", "Accident just before the end"],
  LIMITATION_PASSED: ["已过诉讼时效", "Limitation passed"],
  UNREADABLE_FILE: ["文件无法识读", "File that nobody can read"],
  SUPPLEMENTED: ["补充材料后审核", "Reviewed after a supplement"],
  POLICY_NOT_STANDING: ["保单已取消、终止或作废", "Policy cancelled, terminated or voided"],
  POLICY_UNREADABLE: ["保单暂时读不到", "Policy can't be read now"],
  LIMIT_REACHED: ["保单额度不足", "No room left in the policy's limits"],
};

export const BREAK_KIND = {
  JOURNAL_MISSING: ["保单无记账", "Policy not in the journal"],
  JOURNAL_AMOUNT: ["记账金额不符", "Journal amount differs"],
  JOURNAL_ORPHAN: ["记账无保单", "Journal line without policy"],
  STATEMENT_MISSING: ["无账单", "No statement"],
  STATEMENT_TOTAL: ["账单合计不符", "Statement total differs"],
  STATEMENT_LINE_MISSING: ["账单缺行", "Statement line missing"],
  STATEMENT_LINE_AMOUNT: ["账单行金额不符", "Statement line differs"],
  STATEMENT_LINE_ORPHAN: ["账单行无保单", "Statement line without policy"],
  REPORT_MISSING: ["保单未上报", "Policy not reported"],
  REPORT_DOUBLED: ["重复上报", "Reported twice"],
  REPORT_AMOUNT: ["上报金额不符", "Reported amount differs"],
  REPORT_ORPHAN: ["上报无保单", "Report without policy"],
  REPORT_REJECTED: ["被保险公司拒收", "Rejected by the insurer"],
  ACKNOWLEDGEMENT_MISSING: ["保险公司未确认", "Not acknowledged by the insurer"],
  FILE_MISSING: ["日报文件未送达", "Daily file missing"],
  FILE_REFUSED: ["日报文件被拒", "Daily file refused"],
  PAYOUT_WITHOUT_CLAIM: ["有付款无赔案", "Payment without claim"],
  CLAIM_PAID_WITHOUT_PAYOUT: ["赔案已付无付款", "Paid claim without payment"],
  PAYOUT_AMOUNT: ["付款与赔案金额不符", "Payment differs from claim"],
  TRANSFER_MISSING: ["转账文件无此付款", "Not in the transfer file"],
  TRANSFER_AMOUNT: ["转账文件金额不符", "Transfer file differs"],
  TRANSFER_ORPHAN: ["转账文件有流水无付款", "In the transfer file, no payment of ours"],
  TRANSFER_UNPOSTED: ["转账文件有流水未入账", "In the transfer file, not posted"],
  TRANSFER_UNREADABLE: ["转账文件有一行读不出", "A line of the transfer file can't be read"],
  ADVANCE_EXCEEDS_DECISION: ["先予支付超过核定金额", "Advance above the decided amount"],
};

export const BREAK_OWNER = {
  FINANCE: ["财务", "Finance"],
  REPORTING: ["保险公司对接", "Reporting"],
  CLAIMS: ["理赔", "Claims"],
};

export const RESOLUTION = {
  CORRECTED: ["已更正", "Corrected"],
  REPORTED_AGAIN: ["已重新上报", "Reported again"],
  ACCEPTED: ["核实后接受", "Accepted after checking"],
  FALSE_ALARM: ["误报", "False alarm"],
};

/** What its platform says of a bill. */
export const BILL_STATE = {
  GENUINE: ["真票", "Genuine"],
  UNKNOWN: ["查无此票", "Unknown"],
  ALTERED: ["要素不符", "Altered"],
  REVERSED: ["已冲红", "Reversed"],
  VOID: ["已作废", "Void"],
  EXCHANGED: ["已换开纸质", "Exchanged for paper"],
};

export const BILL_FAULT = {
  HOSTILE: ["含有攻击内容，请勿在电脑上打开", "Made to do harm: do not open it"],
  UNREADABLE: ["损坏，或不是它自称的格式", "Damaged, or not what it says it is"],
  SUMS_DIFFER: ["合计与明细、税额对不上", "Its sums do not add up"],
};

export const BILL_KIND = {
  MEDICAL: ["医疗", "Treatment"],
  AMBULANCE: ["救护车", "Ambulance"],
};

export const TERM = {
  BEFORE_ACCIDENT: ["日期早于事故", "Dated before the accident"],
  AFTER_180_DAYS: ["超过事故后 180 天", "More than 180 days after the accident"],
  HOSPITAL_LEVEL: ["医院等级低于二级或不明，且非急诊", "Hospital below level 2 or not known, and no emergency"],
  SUDDEN_DEATH_48_HOURS: ["猝死：是否在岗或 48 小时内未证实", "Sudden death: neither at work nor within 48 hours, as far as is known"],
  DEATH_CAUSE: ["死因既非意外也非猝死", "Neither an accident nor a sudden death"],
};

export const DEATH_CAUSE = {
  ACCIDENT: ["意外", "Accident"],
  SUDDEN: ["猝死", "Sudden death"],
  OTHER: ["其他", "Other"],
};

export const DISABILITY_SCALE = {
  JRT_0083: ["JR/T 0083（人身保险伤残评定标准）", "JR/T 0083 (insurance)"],
  WORK_INJURY: ["劳动能力鉴定（工伤标准）", "Work-injury scale"],
  COURT: ["人体损伤致残程度分级（司法鉴定）", "Courts' scale"],
};

/** The numbers that an assessment is computed from. */
export const INPUT = {
  allowance_days_paid: ["已付津贴的天数", "Days with an allowance already"],
  billed_fen: ["票面金额", "Billed"],
  causation_bps: ["原因力比例", "Covered share of the cause"],
  certified_days: ["休息天数", "Days off work"],
  computed_fen: ["公式结果", "By the formula"],
  cost_fen: ["救护车费用", "Cost of the ambulance"],
  daily_fen: ["每日津贴", "Allowance a day"],
  days_left: ["剩余天数", "Days left"],
  days_paid: ["本次付天数", "Days paid now"],
  days_per_accident: ["每次事故天数上限", "Days an accident at most"],
  death_paid_fen: ["此前身故已付", "Paid for death before"],
  deductible_fen: ["免赔额", "Deductible"],
  disability_paid_fen: ["此前伤残已付", "Paid for disability before"],
  eligible_fen: ["认可金额", "Accepted"],
  grade: ["伤残等级", "Grade"],
  inpatient_days: ["住院天数", "Days in hospital"],
  limit_left_fen: ["剩余限额", "Limit left"],
  others_fen: ["他方已付", "Paid by others"],
  percentage_bps: ["给付比例", "Share of the sum insured"],
  ratio_bps: ["赔付比例", "Ratio"],
  same_site_paid_fen: ["同一部位此前已付", "Paid before for the same site"],
  shared_fen: ["其他保单已赔", "Paid by other policies"],
  sub_limit_fen: ["分项限额", "Sub-limit"],
  sum_insured_fen: ["保险金额", "Sum insured"],
  sum_left_fen: ["剩余保额", "Sum left"],
  waiting_days: ["等待天数", "Waiting days"],
};

/** What an operator may do at a company (岗位). */
export const OPERATOR_ROLE = {
  OWNER: ["负责人", "Owner"],
  OPERATOR: ["现场", "Site"],
  FINANCE: ["财务", "Finance"],
  AUDITOR: ["审计", "Auditor"],
};

export const ROLE_MEANS = {
  OWNER: ["什么都能做，并管理操作员", "may do everything, and decides who else may"],
  OPERATOR: ["项目、二维码、现场核对、报案", "projects, codes, referrals on site, accidents"],
  FINANCE: ["账单和授信", "statements and credit"],
  AUDITOR: ["账单、授信、操作记录，只看不改", "looks at statements, credit and the trail, changes nothing"],
};

export const SIGN_IN_WAY = {
  WECHAT: ["微信", "WeChat"],
  OIDC: ["统一账号", "Company account"],
};

/** What somebody did in a company's name, by the operation of the API. */
export const DEED = {
  invite_operator: ["邀请操作员", "Invited an operator"],
  withdraw_invitation: ["撤回邀请", "Took an invitation back"],
  change_operator_roles: ["更改岗位", "Changed roles"],
  remove_operator: ["移除操作员", "Removed an operator"],
  report_loss: ["代工人报案", "Reported an accident"],
  cancel_company_policy: ["撤销保单", "Cancelled a policy"],
  confirm_referral: ["现场核对本人和证件", "Confirmed a person on site"],
  decline_referral: ["现场不予确认", "Declined a person on site"],
  refer_occupation: ["申请确认工种", "Asked about an occupation"],
  change_project: ["开放、暂停或关闭项目", "Opened, paused or closed a project"],
  move_site: ["更正项目位置", "Corrected a site"],
  change_qr_code: ["更换或吊销二维码", "Changed or revoked a code"],
  create_project: ["新建项目", "Opened a new project"],
};

/** Who did something on a claim. */
export const CLAIM_ACTOR = {
  WORKER: ["微信账号", "WeChat account"],
  REPRESENTATIVE: ["代办人", "Representative"],
  STAFF: ["理赔人员", "Staff"],
  COMPANY: ["劳务公司接口", "The company's API"],
  OPERATOR: ["劳务公司操作员", "The company's operator"],
  PROVIDER: ["服务商", "Service provider"],
  SYSTEM: ["系统", "The system"],
};

/** Who acted where it was no operator. */
export const ACTOR = {
  operator: ["操作员", "Operator"],
  provider: ["服务商", "Service provider"],
  company: ["公司接口", "The company's API"],
};

export const CANCEL_REASON = {
  NOT_NEEDED: ["不需要了", "Not needed any more"],
  SHIFT_CANCELLED: ["班次取消", "The shift was cancelled"],
  MISTAKE: ["投错了", "It was a mistake"],
};

export const PROPOSAL_KIND = {
  REGISTER_PROVIDER: ["登记服务商", "Register a provider"],
  ISSUE_CREDENTIAL: ["签发接口密钥", "Issue a client secret"],
  REGISTER_COMPANY: ["登记劳务公司", "Register a company"],
  CHANGE_CONTRACT: ["签订下一份协议", "Next contract"],
  AUTHORISE_PROVIDER: ["授权服务商", "Authorise a provider"],
  INVITE_OWNER: ["邀请公司负责人", "Invite an owner"],
};

export const PROPOSAL_STATUS = {
  PROPOSED: ["待批准", "To be approved"],
  APPROVED: ["已批准", "Approved"],
  WITHDRAWN: ["已撤回", "Withdrawn"],
};
