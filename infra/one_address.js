// One question, one address, whatever order its parameters came in and whether what is taken for granted was
// said: the cache's key is the address. local/cdn.py does the same.
var GRANTED = {
  q: '', from: '', to: '', orientation: '', color: '', license: '', owner: '', sort: 'newest', limit: '24',
};
function handler(event) {
  var request = event.request;
  if (request.uri !== '/api/images') {
    return request;
  }
  var given = request.querystring;
  var kept = {};
  Object.keys(given)
    .sort()
    .forEach(function (name) {
      // What is repeated is left as it is: tags, and mistakes that the API names.
      if (given[name].multiValue || given[name].value !== GRANTED[name]) {
        kept[name] = given[name];
      }
    });
  request.querystring = kept;
  return request;
}
