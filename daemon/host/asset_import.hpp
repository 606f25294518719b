// Creates assets in a project, chunk by chunk, each of them once: what an earlier attempt of the job created is not
// created again.
#pragma once

#include "host/job.hpp"

#include "rest/hub_api.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace angod::host {

/// An asset as Hub's import takes it.
struct NewAsset {
    std::string data; ///< URL, or the text itself
    std::string external_id;
    std::vector<std::string> batches; ///< ids
    std::string storage;              ///< id; empty: none
    std::string labels;               ///< JSON as of a model; imported once the asset is there; empty: none
};

/// One for each job; job thread. It owns the job's checkpoint.
class AssetImport {
public:
    struct Options {
        std::size_t chunk = 100; ///< assets in a call
    };
    /// job and hub must outlive it.
    AssetImport(Job &job, rest::HubApi &hub, Options options);

    /// So many assets of the sequence, from its start, are in Hub already: the caller adds those that come after them.
    /// The sequence is the same in every attempt.
    std::uint64_t done() const { return done_; }
    /// Sends a chunk when it is full.
    Result<void> add(NewAsset asset);
    /// Sends what is left.
    Result<void> finish();

private:
    Result<void> send();

    Job &job_;
    rest::HubApi &hub_;
    const Options options_;
    std::vector<NewAsset> chunk_;
    std::uint64_t done_ = 0;
};

} // namespace angod::host
