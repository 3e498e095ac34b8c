"""Decision tables as other tools have them: sheets, DMN and GoRules JDM, in and out, and what was not understood."""
