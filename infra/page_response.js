// What the bucket stores as "not found" is delivered with that status. A browser that has it already gets its 304.
function handler(event) {
  var response = event.response;
  if (response.statusCode === 200 && response.headers['STATUS_HEADER']) {
    response.statusCode = 404;
    response.statusDescription = 'Not Found';
  }
  return response;
}
