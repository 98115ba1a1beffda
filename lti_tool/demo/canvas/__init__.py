"""The demo LMS in its Canvas flavour: one issuer for all schools, opaque ids, attempts, a storage frame.

It answers as hosted Canvas does by its public captures, documentation and source (2019–2026). What the room's front
door (`lti_tool.demo`) hands out is in `state` and `site`; the rest is theirs.
"""
