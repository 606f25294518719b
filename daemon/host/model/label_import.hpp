// Imports labels into a project, each once: what Hub may have got is looked for there before it is sent again.
#pragma once

#include "host/job/job.hpp"
#include "host/model/asset_walk.hpp"
#include "host/model/model_answer.hpp"

#include "rest/hub_api.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angod::host {

/// Labels that go to an asset. They have ids of add_object_ids.
struct AssetLabels {
    ListedAsset asset; ///< without its record
    ModelAnswer answer;
};

/// What Hub's import goes by: the external id, or the address of the file where there is none; empty if both are.
const std::string &import_key(const ListedAsset &asset);

/// One for each job; job thread.
class LabelImport {
public:
    /// job and hub must outlive it.
    LabelImport(Job &job, rest::HubApi &hub) : job_(job), hub_(hub) {}

    struct Taken {
        std::uint64_t labelled = 0, refused = 0; ///< as Hub counts them
    };
    /// Sends all of them in one call. If its answer is lost, it sends again what Hub has not got.
    Result<Taken> send(std::vector<AssetLabels> labels);
    /// Whether Hub has these already. An asset without a task has none.
    Result<bool> is_in_hub(const AssetLabels &labels);

private:
    Result<json::Document> post(const std::vector<AssetLabels> &labels);

    Job &job_;
    rest::HubApi &hub_;
    bool wrapped_ = false; ///< Hub wants them as its published description says
};

/// The two numbers of "12 / 13 tasks are labeled."; nothing if there are none. Pure.
std::optional<std::pair<std::uint64_t, std::uint64_t>> labelled_of(std::string_view text);

} // namespace angod::host
