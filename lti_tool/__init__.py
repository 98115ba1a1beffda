"""An LTI 1.3 tool that delivers short assessed modules and certifies who completed them.

The data's way through it, which is also the order of the rooms:
launch (lti) → enrolment (courses) → module page (modules) → attempt and score (assessments) →
completion and grade delivery (gradebook) → credential and verification (credentials).
"""

__version__ = "0.1.0"
