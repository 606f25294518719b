// One run of export-coco in a test, with its results parsed.
#pragma once

#include "fake_host.hpp"
#include "parsed.hpp"

#include <initializer_list>
#include <string>

struct CocoRun {
    explicit CocoRun(const fake_host::Run &what)
        : outcome(fake_host::run(what)),
          coco(outcome.entries["annotations.json"]),
          report(outcome.entries["conversion_report.json"]) {}

    fake_host::Outcome outcome;
    Parsed coco, report;

    std::size_t annotation_count() const { return coco.size("annotations"); }
    /// A member of the first annotation as text.
    std::string first(const std::string &member) const { return coco.text("annotations/0/" + member); }
    /// A number of the report; 0 if it is not there.
    double count(const std::string &path) const { return report.at(path) ? report.number(path) : 0; }
    double dropped(const std::string &tool, const std::string &reason) const {
        return count("tools/" + tool + "/dropped/" + reason);
    }
    double note(const std::string &name) const { return count("notes/" + name); }
    /// in = emitted + merged + ended + dropped for every tool type of the report.
    bool balanced() const;
};

/// A v3 record of a 100 x 80 image named a.jpg with these tool entries.
std::string record_with(const std::string &tools, const std::string &more_of_task = "");
/// {"<shape>": <value>, ids and class "Tree", more}.
std::string tool(const std::string &shape, const std::string &value, const std::string &more = "");
/// Runs the records with options.
CocoRun convert(std::initializer_list<std::string> records, const std::string &config = "{}");
/// Runs one record_with(tools).
CocoRun convert_tools(const std::string &tools, const std::string &config = "{}");
