"""What every room stands on and what knows no business: settings, database, clock, ids, HTTP, errors, leases, audit.

Import from its modules (`from lti_tool.core.db import Tx`): core is a shelf of tools, not a room with one subject.
"""
