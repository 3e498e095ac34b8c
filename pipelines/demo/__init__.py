"""What `casewright demo` shows: drawn photos, hand-written mails and simulated past cases."""
