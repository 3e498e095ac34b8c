"""The tables of the journeys as they change: drafts, publishing, what is in force when, and replay over history."""
