// The project that `angoctl run` plays: assets out of a file, and a record of the changes that the run would have made in Hub.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::ctl {

class DeskProject {
public:
    /// Adds a line to the result file of this name.
    using Keep = std::function<Result<void>(const std::string &file, std::string_view line)>;
    struct Answer {
        int status = 200;
        std::string body; ///< JSON
    };
    struct Asked {
        std::string method, path; ///< "/v2/project/1/assets"
        std::string filters;      ///< of the query; empty: none
        std::size_t page = 1, limit = 100;
        std::string body;
    };

    /// batches: ids or names of batches that the project has.
    explicit DeskProject(Keep keep, const std::vector<std::string> &batches = {});

    /// Takes the assets of an export: NDJSON, or one JSON array. The error is a sentence without the file's name.
    Result<void> load(std::string_view export_text);
    /// The answer of Hub; nothing for a call that no run needs.
    std::optional<Answer> answer(const Asked &asked);

private:
    struct Asset {
        std::string id, external_id;
        std::string json; ///< as Hub lists it
    };

    Result<void> add(std::string_view record);
    Answer assets(const Asked &asked) const;
    Answer take_assets(const Asked &asked);
    Answer take_labels(const Asked &asked);
    Answer take_batches(const Asked &asked);
    Answer task(const std::string &id) const;
    Answer take_task(const std::string &id, const Asked &asked);
    Answer project() const;

    const Keep keep_;
    std::vector<Asset> assets_; ///< oldest first
    struct Batch {
        std::string id, name;
    };
    std::vector<Batch> batches_;
};

/// {"status":"success","data":…}
DeskProject::Answer desk_success(std::string_view data);
DeskProject::Answer desk_refusal(int status, std::string_view message);

} // namespace angod::ctl
