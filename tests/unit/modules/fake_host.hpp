// The host as a module sees it, in memory: runs a module of kind Export or Markdown Generator that is compiled into the
// test, and keeps all of its results.
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
    std::string event = "{}";                       ///< a JSON object
    std::vector<std::string> records;               ///< one JSON text each
    std::map<std::string, std::string> files;       ///< files that can be fetched, by URL
    std::set<std::string, std::less<>> without;     ///< services that the host does not have: "ango.http"
    bool array = false;                             ///< the records are elements of an array; otherwise lines
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

/// The table of a run of kind Markdown Generator.
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
/// Calls begin, row for each row, and end. Only settings and config of what are used.
RowsOutcome run(const Run &what, const Table &table);

/// The records of an NDJSON text, split as the host does: blank lines are skipped, CR is removed.
std::vector<std::string> lines_of(const std::string &text);

} // namespace fake_host
