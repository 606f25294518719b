// A zip file as a list of names and contents, read by libarchive with its directory.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

std::vector<std::pair<std::string, std::string>> read_zip(const std::filesystem::path &path);
