// The names that the assets of a project have, for an import that leaves out what is there.
//
// Hub can be asked for one name at a time, or for the list of all assets, a hundred to a page. Which of the two costs
// fewer calls is not known before the end of the import. So names are asked for singly until that has cost as many calls
// as the list; then the list is read once. This never costs more than twice the calls of the better way.
#pragma once

#include "base/hash_set.hpp"
#include "base/result.hpp"
#include "rest/hub_api.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

/// One for each job; job thread.
class KnownNames {
public:
    /// hub must outlive it.
    KnownNames(rest::HubApi &hub, std::string project) : hub_(hub), project_(std::move(project)) {}

    /// Returns those of the names that assets of the project have. Assets that are created after the list was read may
    /// be missed. Errors are sentences for the user; the code is `remote` if this Hub gives no way to find out.
    Result<std::set<std::string, std::less<>>> among(const std::vector<std::string_view> &names);

private:
    Result<void> read_list();
    Result<bool> read_round();

    rest::HubApi &hub_;
    const std::string project_;
    std::optional<std::uint64_t> pages_; ///< of the list; nothing: not known yet
    std::uint64_t asked_ = 0;            ///< names that Hub was asked for
    std::optional<HashSet> listed_;      ///< all names, once the list was read
};

} // namespace angod::host
