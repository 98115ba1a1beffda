"""The names of LTI 1.3 that several modules of this room use."""

CLAIM = "https://purl.imsglobal.org/spec/lti/claim"
DL_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
NOTICES_CLAIM = f"{CLAIM}/platformnotificationservice"
VERSION = "1.3.0"

SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
LINE_ITEM_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READ_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
RESULT_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
# All that we ask for. Moodle gives the list of line items to the first alone; other platforms want the second for it.
SCOPES = (LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE, RESULT_SCOPE, SCORE_SCOPE, ROSTER_SCOPE)
NOTICE_SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
"""Of 2024: asked for only where a platform is known to have it, as some refuse a word that they do not know."""
