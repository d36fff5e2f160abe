// The page routes by path: the paths that it has are answered with index.html, all others with missing.html, which
// page_response.js gives the status 404. What has a file name is a file.
// infra/page_paths.py fills in the paths.
var PATHS = new RegExp(PAGE_PATHS);

function handler(event) {
  var request = event.request;
  var last = request.uri.substring(request.uri.lastIndexOf('/') + 1);
  if (last.indexOf('.') === -1) {
    request.uri = PATHS.test(request.uri) ? '/index.html' : '/missing.html';
  }
  return request;
}
