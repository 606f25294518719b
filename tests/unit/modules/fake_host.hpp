// The host as a module sees it, in memory: runs a module of kind Export or Markdown Generator that is compiled into the
// test and keeps everything it did.
#pragma once

#include <ango/module.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fake_host {

struct Run {
    std::string settings = "{}";
    std::string config = "{}";
    std::string event = "{}";                       ///< a JSON object; its members are found by a plain parse
    std::vector<std::string> records;               ///< one JSON text each
    std::map<std::string, std::string> files;       ///< what can be fetched, by URL
    std::set<std::string, std::less<>> without;     ///< services that the host does not have: "ango.http"
    bool array = false;                             ///< as elements of an array; else as lines
    std::uint64_t cancel_after = ~std::uint64_t{0}; ///< records after which the job is cancelled
};

struct Outcome {
    std::int32_t created = ANGO_FAILED;   ///< status of create
    std::int32_t status = ANGO_FAILED;    ///< status of convert
    std::string user_text, operator_text; ///< of ango.failure
    std::map<std::string, std::string> entries;
    std::vector<std::string> fetched; ///< URLs, in order
    std::vector<std::pair<std::uint32_t, std::string>> log;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> progress;

    /// Whether a line of this level contains text.
    bool logged(std::uint32_t level, const std::string &text) const;
};

/// Creates an instance of the module in this binary, runs it once and destroys it.
Outcome run(const Run &what);

/// A table that a module of kind Markdown Generator is run on, as the host gives it.
struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    std::string markdown;
};
struct RowAsset {
    std::string data, external_id, batch, labels;
    bool skip = false;
};
struct RowsOutcome : Outcome {
    std::vector<RowAsset> assets;
};
/// begin, each row, end. Of what, only settings and config count.
RowsOutcome run(const Run &what, const Table &table);

/// One text as NDJSON: splits it into records as the host's reader does (blank lines skipped, CR removed).
std::vector<std::string> lines_of(const std::string &text);

} // namespace fake_host
