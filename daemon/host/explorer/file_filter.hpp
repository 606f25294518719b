// Which files of a storage a user wants imported: the options of an import. Pure.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

struct FileOptions {
    std::vector<std::string> accepted, ignored; ///< extensions, lower case, with their dot; none accepted: all
    bool subfolders = false;                    ///< also what lies in folders below
    bool only_new = false;                      ///< not what is in the project already, by its name

    /// Ignored wins over accepted. ".tar.gz" fits "a.TAR.gz".
    bool fits(std::string_view key) const;
};

/// accepted_extensions, ignored_extensions (or ignored_extension), upload_subfolders, prevent_duplicates of configJSON.
/// The error is a sentence for the user.
Result<FileOptions> read_file_options(std::string_view config);

} // namespace angod::host
